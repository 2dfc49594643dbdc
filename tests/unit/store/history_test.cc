// SPDX-License-Identifier: Apache-2.0

// History goes from its oldest end, by the time of each commit, with the versions it superseded;
// what is left can be read as ever.

#include "store/history.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "store/feed_start.h"
#include "support/reason_matcher.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"
#include "unit/store/store_fixture.h"

namespace tandem::store {
namespace {

using model::Reason;
using model::RecordType;
using support::HasReason;
using support::IsOk;
using ::testing::ElementsAre;

const absl::Time kFirst = absl::FromUnixSeconds(1'700'000'000);

class HistoryTest : public ::testing::Test {
 protected:
  void SetUp() override { log_ = OpenOrDie(dir_.Path("data")); }

  // Versions of one record, committed at these hours after kFirst.
  void Append(const std::vector<int>& hours) {
    for (int hour : hours) {
      const Revision previous = log_->Head() == MakeRevision(0, 0) ? 0 : log_->Head();
      Entry entry = MakeEntry(log_->Head() + 1, {Write("a", "some bytes", previous)});
      entry.commit_time_ns = absl::ToUnixNanos(kFirst + absl::Hours(hour));
      ASSERT_TRUE(log_->Append(log_->Head(), {&entry, 1}).ok());
    }
  }
  std::vector<int64_t> Kept() {
    std::vector<int64_t> sequences;
    EXPECT_THAT(log_->Feed(log_->LogStart(),
                           [&](Revision revision, const storage::v1::LogEntry&) {
                             sequences.push_back(SequenceOf(revision));
                             return true;
                           }),
                IsOk());
    return sequences;
  }

  support::TempDir dir_;
  std::unique_ptr<EmbeddedLog> log_;
};

TEST_F(HistoryTest, WhatIsOlderGoesWithTheVersionsItSuperseded) {
  Append({0, 1, 2, 3});
  ASSERT_OK_AND_ASSIGN(TrimmedHistory trimmed, TrimHistory(log_.get(), kFirst + absl::Hours(2)));
  EXPECT_EQ(trimmed.dropped, 2);
  EXPECT_EQ(trimmed.oldest_time, kFirst + absl::Hours(2));
  EXPECT_THAT(Kept(), ElementsAre(3, 4));
  EXPECT_THAT(CheckFeedStart(MakeRevision(0, 2), log_->LogStart()),
              HasReason(Reason::kRevisionCompacted));
  EXPECT_THAT(CheckFeedStart(MakeRevision(0, 3), log_->LogStart()), IsOk());
  // Version 2 was superseded by an entry that is kept, so it is too: the event can tell it.
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", MakeRevision(0, 1)).status(),
              HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", MakeRevision(0, 2)).status(), IsOk());
  // Exactly as old as the limit is young enough.
  ASSERT_OK_AND_ASSIGN(trimmed, TrimHistory(log_.get(), kFirst + absl::Hours(2)));
  EXPECT_EQ(trimmed.dropped, 0);
}

TEST_F(HistoryTest, AllOfItMayGo) {
  Append({0, 1});
  ASSERT_OK_AND_ASSIGN(TrimmedHistory trimmed, TrimHistory(log_.get(), kFirst + absl::Hours(9)));
  EXPECT_EQ(trimmed.dropped, 2);
  EXPECT_EQ(trimmed.oldest_time, std::nullopt);
  EXPECT_EQ(log_->LogStart(), log_->Head() + 1);
  EXPECT_THAT(Kept(), ElementsAre());
  // The record itself stays.
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", log_->Head()).status(), IsOk());
  Append({10});
  EXPECT_THAT(Kept(), ElementsAre(3));
}

TEST_F(HistoryTest, AYoungEntryShieldsTheOlderOnesBehindIt) {
  // The clock went back.
  Append({5, 0, 0});
  ASSERT_OK_AND_ASSIGN(TrimmedHistory trimmed, TrimHistory(log_.get(), kFirst + absl::Hours(2)));
  EXPECT_EQ(trimmed.dropped, 0);
  EXPECT_THAT(Kept(), ElementsAre(1, 2, 3));
}

TEST_F(HistoryTest, OneCallDropsABoundedNumber) {
  Append({0, 0, 0, 0, 0});
  ASSERT_OK_AND_ASSIGN(TrimmedHistory trimmed,
                       TrimHistory(log_.get(), kFirst + absl::Hours(1), /*limit=*/2));
  EXPECT_EQ(trimmed.dropped, 2);
  EXPECT_EQ(trimmed.oldest_time, kFirst);
  EXPECT_THAT(Kept(), ElementsAre(3, 4, 5));
  ASSERT_OK_AND_ASSIGN(trimmed, TrimHistory(log_.get(), kFirst + absl::Hours(1), /*limit=*/2));
  EXPECT_THAT(Kept(), ElementsAre(5));
  // What was dropped stays dropped after a restart.
  log_.reset();
  log_ = OpenOrDie(dir_.Path("data"));
  EXPECT_EQ(log_->LogStart(), MakeRevision(0, 5));
}

}  // namespace
}  // namespace tandem::store
