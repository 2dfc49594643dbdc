// SPDX-License-Identifier: Apache-2.0

#include "cli/json_writer.h"

#include <random>

#include <gtest/gtest.h>

#include "cli/yaml_reader.h"
#include "google/protobuf/util/message_differencer.h"
#include "random_message.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "yaml-cpp/yaml.h"

namespace tandem::cli {
namespace {

TEST(JsonWriterTest, LowerCamelAndUnescapedText) {
  v1::Agency agency;
  agency.set_display_name("杭州\"社");
  agency.mutable_assessment()->set_points(871);
  agency.add_contracts()->set_amount_fen(9007199254740993);
  EXPECT_EQ(
      JsonText(*ToJson(agency)),
      "{\n  \"displayName\": \"杭州\\\"社\",\n  \"assessment\": {\n    \"points\": 871\n  },\n"
      "  \"contracts\": [\n    {\n      \"amountFen\": \"9007199254740993\"\n    }\n  ]\n}");
}

TEST(YamlWriterTest, QuotesWhatWouldBeReadAsSomethingElse) {
  for (const char* text :
       {"",      "~",      "null",       "true",  "No", "on",  "632323", "-1",
        "1e3",   "0x1",    "2026-03-01", "12:30", ".5", "- a", "a: b",   "#x",
        "&a",    "*a",     "!t",         "%x",    "@x", "'q'", "\"q\"",  "a\nb",
        " lead", "trail ", "杭州",       "?",     "|",  ">",   "{a}",    "[a]"}) {
    const std::string yaml = YamlText({{"key", text}});
    const YAML::Node node = YAML::Load(yaml)["key"];
    ASSERT_TRUE(node.IsScalar()) << yaml;
    EXPECT_EQ(node.Scalar(), text) << yaml;
  }
  EXPECT_EQ(YamlText({{"code", "632323"}, {"name", "regions/632323"}}),
            "code: \"632323\"\nname: regions/632323\n");
}

// What is printed as YAML can be fed back with -f and gives the same record.
TEST(YamlWriterTest, RoundTripsRandomRecords) {
  std::mt19937_64 random(42);
  for (int i = 0; i < 150; ++i) {
    v1::Agency agency;
    v1::MatchProfile profile;
    google::protobuf::Message* record = i % 2 == 0
                                            ? static_cast<google::protobuf::Message*>(&agency)
                                            : static_cast<google::protobuf::Message*>(&profile);
    testing::FillRandomly(record, &random);
    const std::string yaml = YamlText(*ToJson(*record));
    if (yaml == "{}\n") continue;
    std::vector<std::unique_ptr<google::protobuf::Message>> read;
    const auto problem = ReadYamlRecords(yaml, *record, &read);
    ASSERT_FALSE(problem) << problem->line << ":" << problem->column << " " << problem->field
                          << ": " << problem->message << "\n"
                          << yaml;
    ASSERT_EQ(read.size(), 1U);
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*record, *read[0])) << yaml;
  }
}

}  // namespace
}  // namespace tandem::cli
