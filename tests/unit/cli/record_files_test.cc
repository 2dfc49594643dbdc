// SPDX-License-Identifier: Apache-2.0

#include "cli/record_files.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/json_records.h"
#include "cli/yaml_reader.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RecordFilesTest : public ::testing::Test {
 protected:
  RecordFilesTest() {
    char name[] = "/tmp/tandem-files-XXXXXX";
    folder_ = mkdtemp(name);
  }
  ~RecordFilesTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = folder_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }

  static std::vector<std::string> Names(const std::vector<SourcedRecord>& records) {
    std::vector<std::string> names;
    for (const SourcedRecord& record : records) names.push_back(record.name);
    return names;
  }

  std::string Problem(const std::string& text) {
    const auto read = ReadRecordFiles({Write("f", text)}, false);
    EXPECT_FALSE(read.ok()) << text;
    return read.ok() ? "" : std::string(read.status().message());
  }

  std::string folder_;
};

TEST_F(RecordFilesTest, EveryFormOfManyRecords) {
  const char* texts[] = {
      "name: regions/1\ndisplayName: a\n---\nname: agencies/2\n",
      "- name: regions/1\n- name: agencies/2\n",
      R"({"name": "regions/1", "displayName": "a}]\"{"} {"name": "agencies/2"})",
      R"([{"name": "regions/1"}, {"name": "agencies/2"}])",
      "{\"name\": \"regions/1\"}\n{\"name\": \"agencies/2\"}\n",
      "regions:\n- name: regions/1\n- name: agencies/2\nnextPageToken: ''\nrevision: '1'\n",
      R"({"regions": [{"name": "regions/1"}, {"name": "agencies/2"}], "nextPageToken": ""})",
  };
  for (const char* text : texts) {
    const auto read = ReadRecordFiles({Write("f", text)}, false);
    ASSERT_TRUE(read.ok()) << text << read.status();
    EXPECT_THAT(Names(*read), ElementsAre("regions/1", "agencies/2")) << text;
    EXPECT_EQ((*read)[1].noun->word, "agency");
  }
}

TEST_F(RecordFilesTest, PlacesNameFileAndLine) {
  const std::string path = Write("f", "{\"name\": \"regions/1\"}\n\n{\"name\": \"regions/2\"}\n");
  const auto read = ReadRecordFiles({path}, false);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ((*read)[0].place, path + ":1");
  EXPECT_EQ((*read)[1].place, path + ":3");
}

TEST_F(RecordFilesTest, FoldersInOrderAndDeepOnlyWhenAsked) {
  Write("d/b.yaml", "name: regions/2\n");
  Write("d/a.json", "{\"name\": \"regions/1\"}");
  Write("d/note.txt", "not a record");
  Write("d/deep/c.yml", "name: regions/3\n");
  EXPECT_THAT(Names(*ReadRecordFiles({folder_ + "/d"}, false)),
              ElementsAre("regions/1", "regions/2"));
  EXPECT_THAT(Names(*ReadRecordFiles({folder_ + "/d"}, true)),
              ElementsAre("regions/1", "regions/2", "regions/3"));
  std::filesystem::create_directories(folder_ + "/empty");
  EXPECT_FALSE(ReadRecordFiles({folder_ + "/empty"}, false).ok());
}

TEST_F(RecordFilesTest, WrongTextsAreToldWithTheirPlace) {
  EXPECT_THAT(Problem("displayName: a\n"), HasSubstr("f:1:1: name: is missing"));
  EXPECT_THAT(Problem("name: x\n"), HasSubstr("must be a full name, for example agencies/x"));
  EXPECT_THAT(Problem("name: agncies/x\n"), HasSubstr("agncies/…, did you mean agencies?"));
  EXPECT_THAT(Problem("name: regions/1\n---\nname: regions/2\nlevle: 3\n"),
              HasSubstr("f:4:1: levle: Region has no such field, did you mean level?"));
  EXPECT_THAT(Problem("name: regions/1\nlevel: REGION_LEVEL_CUNTY\n"),
              HasSubstr("did you mean REGION_LEVEL_COUNTY?"));
  EXPECT_THAT(Problem("{\"name\": \"regions/1\"}\n{\"name\": \"regions/2\", \"levle\": 3}\n"),
              HasSubstr("f:2:23: levle: Region has no such field"));
  EXPECT_THAT(Problem("{\"name\": \"regions/1\"}\n{\"name\": }"), HasSubstr("f:2:10: "));
  EXPECT_THAT(Problem("{\"name\": \"regions/1\"}\n17"), HasSubstr("f:2:1: a record must be"));
  EXPECT_THAT(Problem("{\"name\": \"regions/1\""), HasSubstr("unexpected end of input"));
  EXPECT_THAT(Problem("[1]"), HasSubstr("a record must be an object"));
  EXPECT_THAT(Problem(""), HasSubstr("holds no record"));
  EXPECT_THAT(Problem("name: regions/1\n---\nname: regions/1\n"), HasSubstr("stands at"));
}

TEST(NamedRecordTest, AnyDamageIsReadOrRefused) {
  const std::string texts[] = {
      R"([{"name": "regions/1", "labels": {"a": "b"}}, {"name": "agencies/2", "staff": {"total": 3}}])",
      R"({"regions": [{"name": "regions/1", "displayName": "\"[{"}], "nextPageToken": "x"})",
      "regions:\n- {name: regions/1, labels: {a: b}}\n---\nname: agencies/2\nstaff:\n  total: 3\n",
  };
  const PrototypeOf prototype_of = [](const std::string& name) -> const google::protobuf::Message* {
    const Noun* noun = NounOfName(name);
    return noun == nullptr ? nullptr
                           : google::protobuf::MessageFactory::generated_factory()->GetPrototype(
                                 noun->Record());
  };
  std::mt19937 random(7);
  constexpr int kRounds = 1500;
  constexpr char kSigns[] = "{}[]\",:\\ -\n#&*!|>'%@`ax1";
  for (const std::string& text : texts) {
    for (int round = 0; round < kRounds; ++round) {
      std::string damaged = text;
      for (int change = 0; change <= round % 3; ++change) {
        const size_t at = random() % damaged.size();
        const char sign = kSigns[random() % (sizeof(kSigns) - 1)];
        if (random() % 2 == 0) damaged[at] = sign;
        if (random() % 3 == 0) damaged.insert(at, 1, sign);
        if (random() % 8 == 0) damaged.resize(at + 1);
      }
      std::vector<NamedRecord> records;
      if (damaged[0] == '{' || damaged[0] == '[') {
        const auto problem = ReadNamedJson(damaged, prototype_of, &records);
        EXPECT_TRUE(!problem || problem->offset <= damaged.size()) << damaged;
      } else {
        ReadNamedYaml(damaged, prototype_of, &records);
      }
      for (const NamedRecord& read : records) EXPECT_NE(read.record, nullptr);
    }
  }
}

TEST_F(RecordFilesTest, ReferencedRecordsComeFirst) {
  const auto read =
      ReadRecordFiles({Write("f",
                             "name: offers/o\nagency: agencies/a\nround: rounds/r\nslots: 1\n---\n"
                             "name: agencies/a\nhomeRegion: regions/11\n---\n"
                             "name: regions/11\nparentRegion: regions/1\n---\n"
                             "name: regions/1\n---\n"
                             "name: rounds/r\ncorridors:\n- {supportingRegion: regions/1}\n")},
                      false);
  ASSERT_TRUE(read.ok()) << read.status();
  auto records = ReferencedFirst(std::move(*ReadRecordFiles({folder_ + "/f"}, false)));
  EXPECT_THAT(Names(records),
              ElementsAre("regions/1", "regions/11", "agencies/a", "rounds/r", "offers/o"));
}

TEST_F(RecordFilesTest, ARingStaysAndALongChainIsNoRecursion) {
  std::string text =
      "name: regions/a\nparentRegion: regions/b\n---\n"
      "name: regions/b\nparentRegion: regions/a\n";
  constexpr int kChain = 5000;
  for (int i = 0; i < kChain; ++i) {
    text += "---\nname: regions/" + std::to_string(i) + "\nparentRegion: regions/" +
            std::to_string(i + 1) + "\n";
  }
  auto records = ReferencedFirst(std::move(*ReadRecordFiles({Write("f", text)}, false)));
  ASSERT_EQ(records.size(), 2U + kChain);
  EXPECT_EQ(records[2].name, "regions/" + std::to_string(kChain - 1));
  EXPECT_EQ(records.back().name, "regions/0");
}

}  // namespace
}  // namespace tandem::cli
