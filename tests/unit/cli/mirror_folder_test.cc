// SPDX-License-Identifier: Apache-2.0

// The files of a mirror: what was taken over is there after any end, and a journal cut at any byte
// leaves whole revisions.

#include "cli/mirror_folder.h"

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/temp_dir.h"

#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> kCollections = {"agencies", "regions"};

std::string Line(const std::string& name, int version) {
  return absl::StrCat(R"({"name":")", name, R"(","displayName":"第 )", version, R"( 版"})");
}

std::string TextOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class MirrorFolderTest : public ::testing::Test {
 protected:
  std::unique_ptr<MirrorFolder> Open() { return OpenAs(kCollections); }
  std::unique_ptr<MirrorFolder> OpenAs(const std::vector<std::string>& collections) {
    auto folder = MirrorFolder::Open(path_, collections);
    EXPECT_TRUE(folder.ok()) << folder.status();
    return folder.ok() ? *std::move(folder) : nullptr;
  }
  // A first list with these agencies and no regions.
  std::unique_ptr<MirrorFolder> Listed(const std::vector<std::string>& names) {
    auto folder = Open();
    EXPECT_TRUE(folder->BeginList(10).ok());
    auto writer = folder->Write("agencies");
    EXPECT_TRUE(writer.ok());
    for (const std::string& name : names) EXPECT_TRUE((*writer)->Add(name, Line(name, 0)).ok());
    EXPECT_TRUE(folder->Finish("agencies", writer->get()).ok());
    EXPECT_FALSE(folder->complete());
    auto none = folder->Write("regions");
    EXPECT_TRUE(none.ok() && folder->Finish("regions", none->get()).ok());
    EXPECT_TRUE(folder->complete());
    return folder;
  }
  static MirrorChange Agency(const std::string& id, int version) {
    const std::string name = "agencies/" + id;
    return {"agencies", name, version < 0 ? "" : Line(name, version)};
  }
  std::vector<std::string> Lines(const std::string& file) {
    std::vector<std::string> lines;
    std::istringstream text(TextOf(path_ + "/" + file));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }
  std::string Journal() {
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      if (entry.path().filename().string().rfind("changes-", 0) == 0) return entry.path().string();
    }
    return "";
  }

  support::TempDir dir_;
  const std::string path_ = dir_.Path("mirror");
};

TEST_F(MirrorFolderTest, ChangesAreMergedIntoTheirCollectionInOrder) {
  auto folder = Listed({"agencies/b", "agencies/d", "agencies/e"});
  ASSERT_TRUE(folder->Append({Agency("d", 1), Agency("c", 1), Agency("x", 1)}, 11).ok());
  ASSERT_TRUE(folder->Append({Agency("a", 2), Agency("e", -1), Agency("x", -1)}, 12).ok());
  EXPECT_TRUE(folder->pending());
  ASSERT_TRUE(folder->Compact().ok());
  EXPECT_FALSE(folder->pending());
  EXPECT_THAT(Lines("agencies.ndjson"), ElementsAre(Line("agencies/a", 2), Line("agencies/b", 0),
                                                    Line("agencies/c", 1), Line("agencies/d", 1)));
  EXPECT_THAT(Lines("regions.ndjson"), IsEmpty());
  folder.reset();
  EXPECT_EQ(Open()->revision(), 12);
}

TEST_F(MirrorFolderTest, WhatWasOnlyInTheJournalIsThereAgain) {
  Listed({"agencies/a"})->Append({Agency("b", 1)}, 11).IgnoreError();
  auto folder = Open();
  EXPECT_TRUE(folder->complete());
  EXPECT_EQ(folder->revision(), 11);
  ASSERT_TRUE(folder->Compact().ok());
  EXPECT_THAT(Lines("agencies.ndjson"), ElementsAre(Line("agencies/a", 0), Line("agencies/b", 1)));
}

TEST_F(MirrorFolderTest, AJournalCutAtAnyByteLeavesWholeRevisions) {
  {
    auto folder = Listed({"agencies/a"});
    ASSERT_TRUE(folder->Append({Agency("a", 1), Agency("b", 1)}, 11).ok());
    ASSERT_TRUE(folder->Append({Agency("a", -1)}, 12).ok());
    ASSERT_TRUE(folder->Append({}, 13).ok());
    ASSERT_TRUE(folder->Append({Agency("a", 2), Agency("c", 2)}, 14).ok());
  }
  const std::string path = Journal();
  const std::string whole = TextOf(path);
  // What the files must hold at each revision.
  const std::map<int64_t, std::vector<std::string>> truth = {
      {10, {Line("agencies/a", 0)}},
      {11, {Line("agencies/a", 1), Line("agencies/b", 1)}},
      {12, {Line("agencies/b", 1)}},
      {13, {Line("agencies/b", 1)}},
      {14, {Line("agencies/a", 2), Line("agencies/b", 1), Line("agencies/c", 2)}}};
  const std::string copy = dir_.Path("copy");
  int64_t last = 10;
  for (size_t size = 0; size <= whole.size(); ++size) {
    std::filesystem::remove_all(copy);
    std::filesystem::copy(path_, copy, std::filesystem::copy_options::recursive);
    const std::string cut = copy + path.substr(path_.size());
    std::filesystem::resize_file(cut, size);
    auto folder = MirrorFolder::Open(copy, kCollections);
    ASSERT_TRUE(folder.ok()) << size << ": " << folder.status();
    const int64_t revision = (*folder)->revision();
    EXPECT_GE(revision, last) << size;
    last = revision;
    ASSERT_TRUE((*folder)->Compact().ok());
    std::ifstream file(copy + "/agencies.ndjson");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    EXPECT_EQ(lines, truth.at(revision)) << size;
    // And it goes on.
    ASSERT_TRUE((*folder)->Append({Agency("z", 9)}, 15).ok());
    folder->reset();
    auto again = MirrorFolder::Open(copy, kCollections);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ((*again)->revision(), 15);
  }
  EXPECT_EQ(last, 14);
}

TEST_F(MirrorFolderTest, AJournalWithGarbageEndsBeforeIt) {
  {
    auto folder = Listed({"agencies/a"});
    ASSERT_TRUE(folder->Append({Agency("b", 1)}, 11).ok());
  }
  // As a file system may leave it that lost power: a hole of zeros, then something whole.
  std::ofstream(Journal(), std::ios::app) << std::string(100, '\0') << "\n{\"revision\":\"12\"}\n";
  auto folder = Open();
  EXPECT_EQ(folder->revision(), 11);
  EXPECT_EQ(std::filesystem::file_size(Journal()), folder->journal_bytes());
}

TEST_F(MirrorFolderTest, FilesNewerThanTheStateAreNoHarm) {
  // A compaction cut between its renames: the file is new, state and journal are not.
  auto folder = Listed({"agencies/a"});
  ASSERT_TRUE(folder->Append({Agency("a", 1), Agency("b", 1)}, 11).ok());
  std::filesystem::copy(path_, dir_.Path("before"), std::filesystem::copy_options::recursive);
  ASSERT_TRUE(folder->Compact().ok());
  folder.reset();
  const std::string after = TextOf(path_ + "/agencies.ndjson");
  std::filesystem::remove_all(path_);
  std::filesystem::copy(dir_.Path("before"), path_, std::filesystem::copy_options::recursive);
  std::ofstream(path_ + "/agencies.ndjson") << after;
  std::ofstream(path_ + "/agencies.ndjson.new") << "half a li";
  folder = Open();
  EXPECT_EQ(folder->revision(), 11);
  ASSERT_TRUE(folder->Compact().ok());
  EXPECT_EQ(TextOf(path_ + "/agencies.ndjson"), after);
}

TEST_F(MirrorFolderTest, AnUnfinishedListGoesOnWithWhatIsMissing) {
  {
    auto folder = Open();
    EXPECT_THAT(folder->missing(), ElementsAre("agencies", "regions"));
    ASSERT_TRUE(folder->BeginList(10).ok());
    auto writer = folder->Write("agencies");
    ASSERT_TRUE((*writer)->Add("agencies/a", Line("agencies/a", 0)).ok());
    ASSERT_TRUE(folder->Finish("agencies", writer->get()).ok());
    auto half = folder->Write("regions");
    ASSERT_TRUE((*half)->Add("regions/a", Line("regions/a", 0)).ok());
  }
  auto folder = Open();
  EXPECT_TRUE(folder->begun());
  EXPECT_FALSE(folder->complete());
  EXPECT_EQ(folder->revision(), 10);
  EXPECT_THAT(folder->missing(), ElementsAre("regions"));
}

TEST_F(MirrorFolderTest, WhatIsForgottenIsListedAgainAlsoFromAnEmptyDirectory) {
  auto folder = Listed({"agencies/a"});
  ASSERT_TRUE(folder->Append({Agency("b", 1)}, 11).ok());
  ASSERT_TRUE(folder->Restart().ok());
  folder.reset();
  folder = Open();
  EXPECT_FALSE(folder->begun());
  EXPECT_FALSE(folder->pending());
  // A directory without a commit is at revision 0.
  ASSERT_TRUE(folder->BeginList(0).ok());
  EXPECT_TRUE(folder->begun());
  for (const std::string& name : kCollections) {
    auto writer = folder->Write(name);
    ASSERT_TRUE(writer.ok() && folder->Finish(name, writer->get()).ok());
  }
  folder.reset();
  EXPECT_TRUE(Open()->complete());
  EXPECT_THAT(Lines("agencies.ndjson"), IsEmpty());
}

TEST_F(MirrorFolderTest, ACollectionMoreThanLastTimeBeginsAnew) {
  Listed({"agencies/a"}).reset();
  auto folder = OpenAs({"agencies", "regions", "sources"});
  EXPECT_FALSE(folder->complete());
  EXPECT_FALSE(folder->begun());
  EXPECT_EQ(folder->missing().size(), 3U);
  folder.reset();
  EXPECT_TRUE(OpenAs({"agencies"})->complete());
}

TEST_F(MirrorFolderTest, WhatAMirrorDidNotWriteIsRefusedByName) {
  auto folder = Listed({"agencies/a"});
  EXPECT_THAT(MirrorFolder::Open(path_, kCollections).status().message(),
              HasSubstr("another mirror"));
  ASSERT_TRUE(folder->Append({Agency("b", 1)}, 11).ok());
  std::ofstream(path_ + "/agencies.ndjson") << "edited by hand\n";
  const absl::Status edited = folder->Compact();
  EXPECT_EQ(client::DescribeError(edited).reason, "FILE_INVALID");
  EXPECT_THAT(edited.message(), HasSubstr("agencies.ndjson"));
  std::filesystem::remove(path_ + "/agencies.ndjson");
  EXPECT_THAT(folder->Compact().message(), HasSubstr("is missing"));
  folder.reset();
  for (const char* text :
       {"", "{}", "[1]", "{\"format\":2,\"revision\":\"1\"}", "{\"revision\":"}) {
    std::ofstream(path_ + "/state.json") << text;
    EXPECT_THAT(MirrorFolder::Open(path_, kCollections).status().message(),
                HasSubstr("state.json"));
  }
}

TEST_F(MirrorFolderTest, AListOutOfOrderIsRefused) {
  auto folder = Open();
  ASSERT_TRUE(folder->BeginList(1).ok());
  auto writer = folder->Write("agencies");
  ASSERT_TRUE((*writer)->Add("agencies/b", Line("agencies/b", 0)).ok());
  EXPECT_THAT((*writer)->Add("agencies/a", Line("agencies/a", 0)).message(),
              HasSubstr("out of order"));
  EXPECT_FALSE((*writer)->Add("agencies/b", Line("agencies/b", 0)).ok());
}

}  // namespace
}  // namespace tandem::cli
