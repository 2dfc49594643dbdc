// SPDX-License-Identifier: Apache-2.0

// Which data directories are served, and what the others are told.

#include "store/open_store.h"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "rocksdb/db.h"
#include "store/high_water.h"
#include "support/reason_matcher.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "unit/store/store_fixture.h"

namespace tandem::store {
namespace {

namespace fs = std::filesystem;
using model::Reason;
using support::HasReason;
using support::IsOk;
using ::testing::HasSubstr;

class OpenStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<EmbeddedLog>> Open(std::optional<Revision> accept = std::nullopt) {
    StoreOptions options;
    options.data_dir = data_;
    options.accept_data_loss_revision = accept;
    return OpenStore(std::move(options));
  }

  // A store with `entries` entries, closed.
  void Make(int entries) {
    auto log = OpenOrDie(data_);
    for (int i = 0; i < entries; ++i)
      AppendOne(*log, {Write("a" + std::to_string(log->Head()), "bytes")});
    ASSERT_THAT(log->Close(), IsOk());
  }

  void ExpectRefused(Reason reason, const std::string& text) {
    const auto log = Open();
    EXPECT_THAT(log, HasReason(reason));
    EXPECT_THAT(log.status().ToString(), HasSubstr(text));
    EXPECT_THAT(log.status().ToString(), HasSubstr(data_)) << "names the directory";
  }

  std::string Db() const { return data_ + "/db"; }

  support::TempDir dir_;
  const std::string data_ = dir_.Path("data");
};

TEST_F(OpenStoreTest, AbsentAndEmptyDirectoriesBecomeStores) {
  EXPECT_THAT(Open(), IsOk());
  fs::remove_all(data_);
  fs::create_directory(data_);
  fs::create_directory(data_ + "/lost+found");
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(OpenStoreTest, AMissingParentIsNotMade) {
  StoreOptions options;
  options.data_dir = dir_.Path("not/mounted");
  EXPECT_THAT(OpenStore(std::move(options)), HasReason(Reason::kDataDirInvalid));
  EXPECT_FALSE(fs::exists(dir_.Path("not")));
}

TEST_F(OpenStoreTest, AFileIsRefused) {
  std::ofstream(data_) << "x";
  ExpectRefused(Reason::kDataDirInvalid, "not a directory");
}

TEST_F(OpenStoreTest, ForeignFilesAreRefusedAndLeftAlone) {
  fs::create_directory(data_);
  std::ofstream(data_ + "/thesis.txt") << "x";
  ExpectRefused(Reason::kDataDirInvalid, "thesis.txt");
  EXPECT_EQ(std::distance(fs::directory_iterator(data_), {}), 1) << "not even a lock file was left";
}

TEST_F(OpenStoreTest, AnInterruptedFirstStartIsRepeated) {
  fs::create_directory(data_);
  HighWater mark;
  mark.format = 1;
  mark.initialising = true;
  ASSERT_TRUE(WriteHighWater(rocksdb::Env::Default(), data_, mark).ok());
  fs::create_directory(Db());
  std::ofstream(Db() + "/MANIFEST-000001") << "half";
  EXPECT_THAT(Open(), IsOk());
  Make(3);
  EXPECT_EQ((*Open())->Head(), 3);
}

TEST_F(OpenStoreTest, ReopensWhatItWrote) {
  Make(5);
  Make(5);
  auto log = Open();
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ((*log)->Head(), 10);
}

TEST_F(OpenStoreTest, ASecondStoreIsLockedOut) {
  auto first = Open();
  ASSERT_THAT(first, IsOk());
  ExpectRefused(Reason::kDataDirLocked, "in use by this process");
  first->reset();
  EXPECT_THAT(Open(), IsOk());
}

TEST_F(OpenStoreTest, ASecondProcessIsLockedOutAtOnceAndToldWhoHoldsIt) {
  Make(1);
  int ready[2];
  int release[2];
  ASSERT_EQ(pipe(ready), 0);
  ASSERT_EQ(pipe(release), 0);
  const pid_t child = fork();
  if (child == 0) {
    close(release[1]);
    auto log = Open();
    const char byte = log.ok() ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1) _exit(2);
    char ignored;
    // Ends when the parent closes its end, whatever becomes of the parent.
    _exit(read(release[0], &ignored, 1) == 0 ? 0 : 1);
  }
  close(ready[1]);
  char byte = 'n';
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  const auto start = std::chrono::steady_clock::now();
  ExpectRefused(Reason::kDataDirLocked, "process " + std::to_string(child));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  close(release[1]);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_THAT(Open(), IsOk()) << "the lock goes with its process";
}

TEST_F(OpenStoreTest, MissingCurrentIsRefused) {
  Make(3);
  fs::remove(Db() + "/CURRENT");
  ExpectRefused(Reason::kDataDirInvalid, "no CURRENT; restore the newest backup");
}

TEST_F(OpenStoreTest, AMissingDatabaseIsRefused) {
  Make(3);
  fs::remove_all(Db());
  ExpectRefused(Reason::kDataBehind, "last acknowledged revision is 3");
  EXPECT_FALSE(fs::exists(Db()));
  fs::create_directory(Db());
  ExpectRefused(Reason::kDataBehind, "missing or empty");
}

TEST_F(OpenStoreTest, AMissingOrDamagedHighWaterFileIsRefused) {
  Make(3);
  std::ofstream(data_ + "/HIGH_WATER", std::ios::app) << "x";
  ExpectRefused(Reason::kDataDirInvalid, "HIGH_WATER is damaged");
  fs::remove(data_ + "/HIGH_WATER");
  ExpectRefused(Reason::kDataDirInvalid, "--accept-data-loss=3");
}

TEST_F(OpenStoreTest, AnOldCopyIsRefusedUnchangedAndCanBeAccepted) {
  Make(3);
  fs::copy(Db(), dir_.Path("copy"), fs::copy_options::recursive);
  Make(4);
  fs::remove_all(Db());
  fs::rename(dir_.Path("copy"), Db());
  const auto snapshot = [&] {
    std::ostringstream names;
    for (const auto& file : std::set<fs::path>(fs::directory_iterator(Db()), {})) {
      names << file << ' ' << fs::file_size(file) << '\n';
    }
    return names.str();
  };
  const std::string before = snapshot();
  ExpectRefused(Reason::kDataBehind, "ends at revision 3 but 7 was acknowledged");
  EXPECT_EQ(snapshot(), before);
  EXPECT_THAT(Open(7), HasReason(Reason::kDataBehind)) << "must name what is there";

  auto log = Open(3);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ((*log)->Head(), MakeRevision(1, 0)) << "a new epoch";
  EXPECT_THAT((*log)->Feed(3, [](auto&&...) { return true; }), HasReason(Reason::kHistoryChanged));
  EXPECT_THAT((*log)->Read(model::RecordType::kAgency, "a2", 3), IsOk());
  EXPECT_EQ(AppendOne(**log, {Write("b", "bytes")}), MakeRevision(1, 1));
  ASSERT_THAT((*log)->Trim(MakeRevision(1, 1)), IsOk());
  ASSERT_THAT((*log)->Close(), IsOk());
  // The option stays in some unit file: it accepts nothing more.
  log = Open(3);
  ASSERT_THAT(log, IsOk());
  EXPECT_EQ((*log)->Head(), MakeRevision(1, 1));
}

TEST_F(OpenStoreTest, AnotherStoresDatabaseIsRefused) {
  Make(3);
  fs::rename(Db(), dir_.Path("mine"));
  fs::remove_all(data_);
  Make(5);
  fs::remove_all(Db());
  fs::rename(dir_.Path("mine"), Db());
  ExpectRefused(Reason::kDataDirInvalid, "belongs to another store");
}

TEST_F(OpenStoreTest, ANewerFormatIsRefused) {
  Make(3);
  ASSERT_OK_AND_ASSIGN(HighWaterFile file, ReadHighWater(rocksdb::Env::Default(), data_));
  file.mark->format = 2;
  ASSERT_TRUE(WriteHighWater(rocksdb::Env::Default(), data_, *file.mark).ok());
  ExpectRefused(Reason::kDataDirInvalid, "storage format 2, this one reads 1");
}

TEST_F(OpenStoreTest, AForeignDatabaseIsRefused) {
  Make(3);
  fs::remove_all(Db());
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* db = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(options, Db(), &db).ok());
  delete db;
  ExpectRefused(Reason::kDataDirInvalid, "other tables (default)");
}

TEST_F(OpenStoreTest, AMissingLogFileIsRefused) {
  {
    auto log = OpenOrDie(data_);
    for (int i = 0; i < 5; ++i) AppendOne(*log, {Write("a", "bytes")});
    // A copy of a running store, complete but for the newest log file.
    fs::copy(Db(), dir_.Path("copy"), fs::copy_options::recursive);
  }
  fs::remove_all(Db());
  fs::rename(dir_.Path("copy"), Db());
  for (const auto& file : fs::directory_iterator(Db())) {
    if (file.path().extension() == ".log") fs::remove(file);
  }
  ExpectRefused(Reason::kDataBehind, "ends at revision 0 but 5 was acknowledged");
}

TEST_F(OpenStoreTest, ADamagedManifestIsRefused) {
  Make(3);
  for (const auto& file : fs::directory_iterator(Db())) {
    if (file.path().filename().string().rfind("MANIFEST", 0) == 0) fs::resize_file(file, 10);
  }
  ExpectRefused(Reason::kDataDirInvalid, "MANIFEST is damaged");
}

TEST_F(OpenStoreTest, TheHighWaterFileFollowsTheHead) {
  auto log = Open();
  ASSERT_THAT(log, IsOk());
  AppendOne(**log, {Write("a", "bytes")});
  const auto marked = [&] { return ReadHighWater(rocksdb::Env::Default(), data_)->mark->revision; };
  EXPECT_LE(marked(), 1);
  // Within the interval plus a machine's hiccup, without being closed.
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (marked() != 1 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(marked(), 1);
  AppendOne(**log, {Write("b", "bytes")});
  ASSERT_THAT((*log)->Close(), IsOk());
  EXPECT_EQ(marked(), 2) << "at shutdown at once";
}

}  // namespace
}  // namespace tandem::store
