// SPDX-License-Identifier: Apache-2.0

// Failing reads, writes and syncs: no crash, no acknowledgement after a failed write or sync, and
// whatever was acknowledged is there at the next start. Little space is the one failure that passes
// by itself.

#include <atomic>
#include <iostream>

#include "crash/ledger.h"
#include "crash/simulated_disk.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/open_store.h"
#include "support/reason_matcher.h"
#include "support/status_matchers.h"

namespace tandem::crash {
namespace {

using Operation = SimulatedDisk::Operation;
using model::Reason;
using rocksdb::IOStatus;
using support::HasReason;
using support::IsOk;

class IoErrorTest : public ::testing::Test {
 protected:
  IoErrorTest() { NewDisk(); }

  void NewDisk() {
    env_.reset();
    disk_ = std::make_shared<SimulatedDisk>();
    env_ = EnvOn(disk_);
    ledger_ = std::make_unique<Ledger>(7);
    failures_ = 0;
  }

  absl::StatusOr<std::unique_ptr<store::EmbeddedLog>> Open() {
    store::StoreOptions options;
    options.data_dir = "/data";
    options.env = env_.get();
    options.cache_bytes = 1U << 20U;
    options.write_buffer_bytes = 64U << 10U;
    options.high_water_interval = absl::Milliseconds(2);
    options.on_storage_failed = [this](const absl::Status&) { ++failures_; };
    return store::OpenStore(std::move(options));
  }

  // Opens, writes until something fails, closes; twice. Whether all of it went well.
  bool Scenario() {
    for (int start = 0; start < 2; ++start) {
      auto log = Open();
      if (!log.ok()) return false;
      for (int step = 0; step < 25; ++step) {
        const store::Revision before = ledger_->acknowledged();
        if (ledger_->Append(**log).ok()) continue;
        // Once writing failed it stays so, although the disk works again.
        EXPECT_FALSE(ledger_->Append(**log).ok());
        EXPECT_THAT((*log)->WriteState(), HasReason(Reason::kStorageFailed));
        EXPECT_EQ(ledger_->acknowledged(), before);
        return false;
      }
      if (!(*log)->Close().ok()) return false;
    }
    return true;
  }

  // Fails the n-th operation of `kind` (n = first, first + step, …) until the scenario has fewer of
  // them.
  void Sweep(Operation kind, int first, int step) {
    int runs = 0;
    int harmless = 0;
    for (int nth = first;; nth += step) {
      SCOPED_TRACE(nth);
      NewDisk();
      int seen = 0;
      disk_->SetFault([&seen, kind, nth](Operation operation, int64_t) {
        return operation == kind && ++seen == nth ? IOStatus::IOError("injected") : IOStatus::OK();
      });
      const bool went_well = Scenario();
      const bool struck = seen >= nth;
      disk_->SetFault(nullptr);
      auto log = Open();
      ASSERT_THAT(log, IsOk());
      ASSERT_THAT(ledger_->Check(**log), ::testing::IsEmpty());
      ASSERT_THAT(ledger_->Append(**log), IsOk());
      ++runs;
      if (went_well) ++harmless;
      if (!struck) break;
    }
    std::cout << runs << " runs, " << harmless << " of them unharmed\n";
    EXPECT_GT(runs, 3);
    EXPECT_GE(harmless, 1) << "the last run meets no fault";
  }

  std::shared_ptr<SimulatedDisk> disk_;
  std::unique_ptr<rocksdb::Env> env_;
  std::unique_ptr<Ledger> ledger_;
  std::atomic<int> failures_ = 0;
};

TEST_F(IoErrorTest, NthWriteFails) { Sweep(Operation::kWrite, 1, 7); }
TEST_F(IoErrorTest, NthSyncFails) { Sweep(Operation::kSync, 1, 3); }
TEST_F(IoErrorTest, NthChangeOfNamesFails) { Sweep(Operation::kNames, 1, 2); }
TEST_F(IoErrorTest, NthReadFails) { Sweep(Operation::kRead, 1, 11); }
TEST_F(IoErrorTest, DISABLED_LongEveryWriteFails) { Sweep(Operation::kWrite, 1, 1); }
TEST_F(IoErrorTest, DISABLED_LongEverySyncFails) { Sweep(Operation::kSync, 1, 1); }
TEST_F(IoErrorTest, DISABLED_LongEveryChangeOfNamesFails) { Sweep(Operation::kNames, 1, 1); }
TEST_F(IoErrorTest, DISABLED_LongEveryReadFails) { Sweep(Operation::kRead, 1, 1); }

TEST_F(IoErrorTest, OneFailedSyncEndsWritingForGood) {
  auto log = Open();
  ASSERT_THAT(log, IsOk());
  for (int i = 0; i < 5; ++i) ASSERT_THAT(ledger_->Append(**log), IsOk());
  const store::Revision head = (*log)->Head();
  bool struck = false;
  disk_->SetFault([&struck](Operation operation, int64_t) {
    if (operation != Operation::kSync || struck) return IOStatus::OK();
    struck = true;
    return IOStatus::IOError("injected");
  });
  EXPECT_THAT(ledger_->Append(**log), HasReason(Reason::kStorageFailed));
  EXPECT_EQ(failures_, 1);
  disk_->SetFault(nullptr);
  for (int i = 0; i < 3; ++i)
    EXPECT_THAT(ledger_->Append(**log), HasReason(Reason::kStorageFailed));
  EXPECT_THAT((*log)->PutMeta("name", "value"), HasReason(Reason::kStorageFailed));
  EXPECT_THAT((*log)->Trim(head), HasReason(Reason::kStorageFailed));
  EXPECT_EQ((*log)->Head(), head);
  EXPECT_EQ(failures_, 1) << "told once";
  // Reads go on.
  EXPECT_THAT((*log)->Scan(model::RecordType::kAgency, [](auto&&...) { return true; }), IsOk());
  EXPECT_FALSE((*log)->Close().ok());
  log = Open();
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT(ledger_->Check(**log), ::testing::IsEmpty());
}

// What remains of a full disk differs: often a file can still be made, only not filled.
enum class Full { kData, kDataAndNames };

class FullDiskTest : public IoErrorTest, public ::testing::WithParamInterface<Full> {
 protected:
  // Fills the disk in the middle of something, keeps it full for a while, frees it.
  void FullForAWhile(store::EmbeddedLog& log, int64_t until) {
    disk_->SetFault([until](Operation operation, int64_t number) {
      const bool room = operation == Operation::kRead || operation == Operation::kSync ||
                        (operation == Operation::kNames && GetParam() == Full::kData);
      return room || number <= until ? IOStatus::OK() : IOStatus::NoSpace("injected");
    });
    absl::Status full;
    while ((full = ledger_->Append(log)).ok()) {
    }
    EXPECT_THAT(full, HasReason(Reason::kStorageFull));
    const store::Revision last = ledger_->acknowledged();
    for (int i = 0; i < 4; ++i) {
      EXPECT_THAT(ledger_->Append(log), HasReason(Reason::kStorageFull));
    }
    EXPECT_EQ(ledger_->acknowledged(), last);
    EXPECT_THAT(log.Scan(model::RecordType::kAgency, [](auto&&...) { return true; }), IsOk())
        << "reads go on";
    EXPECT_EQ(failures_, 0);
    disk_->SetFault(nullptr);
    EXPECT_THAT(ledger_->Append(log), HasReason(Reason::kStorageFailed));
    EXPECT_EQ(failures_, 1) << "the process is told to end";
  }
};

TEST_P(FullDiskTest, PassesWithANewStartAndLosesNothing) {
  std::mt19937 random(3);
  for (int disk = 0; disk < 20; ++disk) {
    SCOPED_TRACE(disk);
    NewDisk();
    auto log = Open();
    ASSERT_THAT(log, IsOk());
    for (int round = 0; round < 6; ++round) {
      SCOPED_TRACE(round);
      for (int i = 0; i < 6; ++i) ASSERT_THAT(ledger_->Append(**log), IsOk());
      FullForAWhile(**log, 1 + random() % 40);
      const bool power_cut = random() % 2 == 0;
      if (power_cut) disk_->CutPower();
      log->reset();
      if (power_cut) disk_->RestorePower(random);
      failures_ = 0;
      log = Open();
      ASSERT_THAT(log, IsOk());
      ASSERT_THAT(ledger_->Check(**log), ::testing::IsEmpty());
    }
  }
}

std::string FullName(const ::testing::TestParamInfo<Full>& full) {
  return full.param == Full::kData ? "NoData" : "NoDataAndNames";
}

INSTANTIATE_TEST_SUITE_P(Disks, FullDiskTest, ::testing::Values(Full::kData, Full::kDataAndNames),
                         FullName);

// The kernel may have dropped what could not be written: this is no full disk to wait for.
TEST_F(IoErrorTest, ASyncThatFindsNoSpaceEndsWritingForGood) {
  auto log = Open();
  ASSERT_THAT(log, IsOk());
  for (int i = 0; i < 5; ++i) ASSERT_THAT(ledger_->Append(**log), IsOk());
  disk_->SetFault([](Operation operation, int64_t) {
    return operation == Operation::kSync ? IOStatus::NoSpace("injected") : IOStatus::OK();
  });
  EXPECT_THAT(ledger_->Append(**log), HasReason(Reason::kStorageFailed));
  disk_->SetFault(nullptr);
  EXPECT_THAT(ledger_->Append(**log), HasReason(Reason::kStorageFailed));
  EXPECT_EQ(failures_, 1);
  log->reset();
  log = Open();
  ASSERT_THAT(log, IsOk());
  EXPECT_THAT(ledger_->Check(**log), ::testing::IsEmpty());
}

TEST_F(IoErrorTest, LittleFreeSpaceIsKeptForOthers) {
  auto log = Open();
  ASSERT_THAT(log, IsOk());
  ASSERT_THAT(ledger_->Append(**log), IsOk());
  disk_->SetFreeBytes(1U << 20U);
  EXPECT_THAT(ledger_->Append(**log), HasReason(Reason::kStorageFull));
  disk_->SetFreeBytes(uint64_t{1} << 40U);
  EXPECT_THAT(ledger_->Append(**log), IsOk());
}

}  // namespace
}  // namespace tandem::crash
