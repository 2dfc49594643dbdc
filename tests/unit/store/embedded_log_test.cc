// SPDX-License-Identifier: Apache-2.0

#include "store/embedded_log.h"

#include <map>
#include <set>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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
using support::IsOkAndHolds;
using ::testing::ElementsAre;

MATCHER(HoldsNothing, "is OK and empty") { return arg.ok() && !arg->has_value(); }

class EmbeddedLogTest : public ::testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    log_.reset();
    StoreOptions options;
    options.data_dir = dir_.Path("data");
    options.now_ns = [this] { return now_ns_; };
    ASSERT_OK_AND_ASSIGN(log_, OpenStore(std::move(options)));
  }

  std::vector<std::string> ScanAll(RecordType type) {
    std::vector<std::string> seen;
    EXPECT_THAT(log_->Scan(type,
                           [&](RecordType, std::string_view id, Revision revision,
                               std::string_view bytes, uint32_t) {
                             seen.push_back(std::string(id) + "@" + std::to_string(revision) + "=" +
                                            std::string(bytes));
                             return true;
                           }),
                IsOk());
    return seen;
  }

  std::vector<Revision> FeedFrom(Revision from) {
    std::vector<Revision> seen;
    EXPECT_THAT(log_->Feed(from,
                           [&](Revision revision, const storage::v1::LogEntry&) {
                             seen.push_back(revision);
                             return true;
                           }),
                IsOk());
    return seen;
  }

  support::TempDir dir_;
  int64_t now_ns_ = 1'700'000'000'000'000'000;
  std::unique_ptr<EmbeddedLog> log_;
};

TEST_F(EmbeddedLogTest, StartsEmpty) {
  EXPECT_EQ(log_->Head(), 0);
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre());
  EXPECT_THAT(FeedFrom(0), ElementsAre());
  EXPECT_THAT(log_->SplitPoints(RecordType::kAgency, 4), ElementsAre());
}

TEST_F(EmbeddedLogTest, ReadsEveryVersion) {
  const Revision first = AppendOne(*log_, {Write("a", "one")});
  const Revision second = AppendOne(*log_, {Write("a", "second", first)});
  ASSERT_OK_AND_ASSIGN(RecordBytes one, log_->Read(RecordType::kAgency, "a", first));
  ASSERT_OK_AND_ASSIGN(RecordBytes two, log_->Read(RecordType::kAgency, "a", second));
  EXPECT_EQ(one.bytes(), "one");
  EXPECT_EQ(two.bytes(), "second");
  EXPECT_EQ(two.body(), "sec");
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", second + 1),
              HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(log_->Read(RecordType::kAgency, "b", first), HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(log_->Read(RecordType::kNeed, "a", first), HasReason(Reason::kResourceNotFound));
}

TEST_F(EmbeddedLogTest, CachedReadsNeedNoDisk) {
  const Revision revision = AppendOne(*log_, {Write("a", "bytes")});
  // From the memory table.
  ASSERT_OK_AND_ASSIGN(auto hot, log_->ReadCached(RecordType::kAgency, "a", revision));
  ASSERT_TRUE(hot.has_value());
  EXPECT_EQ(hot->bytes(), "bytes");
  Open();
  // On disk only, then cached by a read.
  ASSERT_OK_AND_ASSIGN(auto cold, log_->ReadCached(RecordType::kAgency, "a", revision));
  EXPECT_FALSE(cold.has_value());
  ASSERT_THAT(log_->Read(RecordType::kAgency, "a", revision), IsOk());
  ASSERT_OK_AND_ASSIGN(auto warm, log_->ReadCached(RecordType::kAgency, "a", revision));
  ASSERT_TRUE(warm.has_value());
  EXPECT_EQ(warm->bytes(), "bytes");
}

TEST_F(EmbeddedLogTest, BytesOutliveTheirReadAndLaterWrites) {
  const Revision revision = AppendOne(*log_, {Write("a", "kept")});
  RecordBytes bytes;
  { ASSERT_OK_AND_ASSIGN(bytes, log_->Read(RecordType::kAgency, "a", revision)); }
  for (int i = 0; i < 100; ++i) AppendOne(*log_, {Write("b", std::string(1000, 'x'))});
  EXPECT_EQ(bytes.bytes(), "kept");
}

TEST_F(EmbeddedLogTest, ScanShowsTheNewestVersionOfEachRecord) {
  Revision a = AppendOne(*log_, {Write("a", "a1"), Write("c", "c1")});
  // More versions than a scan steps over.
  for (int i = 0; i < 30; ++i) a = AppendOne(*log_, {Write("a", "a" + std::to_string(i + 2), a)});
  AppendOne(*log_, {Write("b", "b1"), Write("r", "r1", 0, RecordType::kRegion)});
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre("a@31=a31", "b@32=b1", "c@1=c1"));
  EXPECT_THAT(ScanAll(RecordType::kRegion), ElementsAre("r@32=r1"));
  std::vector<std::string> ids;
  ASSERT_THAT(
      log_->ScanRange(RecordType::kAgency, "a!", "c",
                      [&](RecordType, std::string_view id, Revision, std::string_view, uint32_t) {
                        ids.emplace_back(id);
                        return true;
                      }),
      IsOk());
  EXPECT_THAT(ids, ElementsAre("b"));
}

TEST_F(EmbeddedLogTest, VisitorsMayStop) {
  AppendOne(*log_, {Write("a", "1"), Write("b", "1")});
  AppendOne(*log_, {Write("c", "1")});
  int visits = 0;
  ASSERT_THAT(log_->Scan(RecordType::kAgency, [&](auto...) { return ++visits < 2; }), IsOk());
  EXPECT_EQ(visits, 2);
  visits = 0;
  ASSERT_THAT(log_->Feed(1, [&](auto&&...) { return ++visits < 1; }), IsOk());
  EXPECT_EQ(visits, 1);
}

TEST_F(EmbeddedLogTest, FeedTellsWhatWasWritten) {
  Entry entry = MakeEntry(1, {Write("a", "bytes"), Write("b", "more", 7)});
  entry.request_id = "id-1";
  ASSERT_THAT(log_->Append(0, {&entry, 1}), IsOkAndHolds(AppendOutcome::kDurable));
  storage::v1::LogEntry seen;
  ASSERT_THAT(log_->Feed(0,
                         [&](Revision revision, const storage::v1::LogEntry& found) {
                           EXPECT_EQ(revision, 1);
                           seen = found;
                           return true;
                         }),
              IsOk());
  EXPECT_EQ(seen.commit_time_ns(), entry.commit_time_ns);
  EXPECT_EQ(seen.principal(), "local");
  EXPECT_EQ(seen.method(), entry.method);
  EXPECT_EQ(seen.request_id(), "id-1");
  ASSERT_EQ(seen.changes_size(), 2);
  EXPECT_EQ(seen.changes(1).type(), static_cast<uint32_t>(RecordType::kAgency));
  EXPECT_EQ(seen.changes(1).id(), "b");
  EXPECT_EQ(seen.changes(1).kind(), storage::v1::CHANGE_KIND_UPDATED);
  EXPECT_EQ(seen.changes(1).previous_revision(), 7);
}

TEST_F(EmbeddedLogTest, AppendComparesTheHead) {
  AppendOne(*log_, {Write("a", "1")});
  const Entry entry = MakeEntry(1, {Write("b", "1")});
  EXPECT_THAT(log_->Append(0, {&entry, 1}), IsOkAndHolds(AppendOutcome::kHeadMoved));
  EXPECT_EQ(log_->Head(), 1);
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre("a@1=1"));
}

TEST_F(EmbeddedLogTest, AppendRefusesWhatItCouldNotReadBack) {
  const auto append = [&](Entry entry) { return log_->Append(log_->Head(), {&entry, 1}); };
  EXPECT_THAT(append(MakeEntry(2, {Write("a", "1")})), HasReason(Reason::kInternal)) << "a gap";
  EXPECT_THAT(append(MakeEntry(1, {Write("", "1")})), HasReason(Reason::kInternal)) << "no id";
  EXPECT_THAT(append(MakeEntry(1, {Write("a", "")})), HasReason(Reason::kInternal)) << "no bytes";
  Entry wrong = MakeEntry(1, {Write("a", "1")});
  wrong.writes[0].body_size = 2;
  EXPECT_THAT(append(wrong), HasReason(Reason::kInternal)) << "a body longer than the bytes";
  Entry purge = MakeEntry(1, {PurgeOf("a", 0)});
  purge.writes[0].bytes = "x";
  EXPECT_THAT(append(purge), HasReason(Reason::kInternal)) << "a purge with bytes";
  // A refused group leaves nothing behind and does not end writing.
  const std::vector<Entry> group = {MakeEntry(1, {Write("a", "1")}),
                                    MakeEntry(2, {Write("", "1")})};
  EXPECT_THAT(log_->Append(0, group), HasReason(Reason::kInternal));
  EXPECT_EQ(log_->Head(), 0);
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre());
  EXPECT_EQ(AppendOne(*log_, {Write("a", "1")}), 1);
}

TEST_F(EmbeddedLogTest, PurgeRemovesEveryVersion) {
  const Revision first = AppendOne(*log_, {Write("a", "1"), Write("ab", "1")});
  const Revision second = AppendOne(*log_, {Write("a", "2", first)});
  AppendOne(*log_, {PurgeOf("a", second)});
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre("ab@1=1"));
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", first), HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", second), HasReason(Reason::kResourceNotFound));
  AppendOne(*log_, {Write("a", "again")});
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre("a@4=again", "ab@1=1"));
}

TEST_F(EmbeddedLogTest, TrimDropsEntriesAndWhatTheySuperseded) {
  AppendOne(*log_, {Write("a", "1")});
  AppendOne(*log_, {Write("a", "2", 1)});
  AppendOne(*log_, {Write("a", "3", 2)});
  ASSERT_THAT(log_->Trim(3), IsOk());
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", 1), HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", 2), IsOk())
      << "entry 3 superseded it and is kept";
  EXPECT_THAT(FeedFrom(3), ElementsAre(3));
  const absl::Status compacted = log_->Feed(2, [](auto&&...) { return true; });
  EXPECT_THAT(compacted, HasReason(Reason::kRevisionCompacted));
  EXPECT_EQ(model::ErrorMetadataValue(compacted, "earliest"), "3");
  EXPECT_THAT(log_->Trim(5), HasReason(Reason::kInternal)) << "behind the head";
  ASSERT_THAT(log_->Trim(4), IsOk());
  EXPECT_THAT(ScanAll(RecordType::kAgency), ElementsAre("a@3=3"));
  Open();
  EXPECT_EQ(log_->Head(), 3) << "a wholly trimmed log keeps its head";
  EXPECT_EQ(log_->LogStart(), 4);
  EXPECT_EQ(AppendOne(*log_, {Write("a", "4", 3)}), 4);
  EXPECT_THAT(FeedFrom(4), ElementsAre(4));
}

TEST_F(EmbeddedLogTest, OtherEpochsAreAnotherHistory) {
  EXPECT_THAT(log_->Feed(MakeRevision(1, 1), [](auto&&...) { return true; }),
              HasReason(Reason::kHistoryChanged));
}

TEST_F(EmbeddedLogTest, RequestIdsAreKeptForADay) {
  Entry entry = MakeEntry(1, {Write("a", "1")});
  entry.request_id = "id-1";
  entry.request.set_request_sha256("hash");
  entry.request.set_revision(1);
  entry.request.set_commit_time_ns(now_ns_);
  entry.request.add_names("agencies/a");
  ASSERT_THAT(log_->Append(0, {&entry, 1}), IsOkAndHolds(AppendOutcome::kDurable));
  Open();
  ASSERT_OK_AND_ASSIGN(auto found, log_->FindRequest("local", entry.method, "id-1"));
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->request_sha256(), "hash");
  EXPECT_EQ(found->names(0), "agencies/a");
  EXPECT_THAT(log_->FindRequest("other", entry.method, "id-1"), HoldsNothing());
  EXPECT_THAT(log_->FindRequest("local", "other", "id-1"), HoldsNothing());
  EXPECT_THAT(log_->FindRequest("local", entry.method, "id-2"), HoldsNothing());

  const int64_t day_ns = absl::ToInt64Nanoseconds(kRequestIdLifetime);
  const int64_t committed_ns = now_ns_;
  EXPECT_THAT(log_->ExpireRequests(absl::FromUnixNanos(committed_ns + day_ns)), IsOkAndHolds(0));
  now_ns_ = committed_ns + day_ns;
  ASSERT_OK_AND_ASSIGN(found, log_->FindRequest("local", entry.method, "id-1"));
  EXPECT_TRUE(found.has_value());
  now_ns_ = committed_ns + day_ns + 1;
  EXPECT_THAT(log_->FindRequest("local", entry.method, "id-1"), HoldsNothing());
  EXPECT_THAT(log_->ExpireRequests(absl::FromUnixNanos(now_ns_)), IsOkAndHolds(1));
  now_ns_ = committed_ns;
  EXPECT_THAT(log_->FindRequest("local", entry.method, "id-1"), HoldsNothing()) << "gone for good";
}

TEST_F(EmbeddedLogTest, SecretsAndNamedValuesSurviveARestart) {
  ASSERT_OK_AND_ASSIGN(const std::string secret, log_->SecretKey("page-token"));
  EXPECT_EQ(secret.size(), 32U);
  EXPECT_THAT(log_->SecretKey("page-token"), IsOkAndHolds(secret));
  EXPECT_THAT(log_->SecretKey("other"), IsOkAndHolds(::testing::Ne(secret)));
  EXPECT_THAT(log_->GetMeta("plugins"), HoldsNothing());
  ASSERT_THAT(log_->PutMeta("plugins", std::string("a\0b", 3)), IsOk());
  EXPECT_THAT(log_->GetMeta("page-token"), HoldsNothing()) << "a secret is no value";
  const std::string identity = log_->identity();
  Open();
  EXPECT_THAT(log_->SecretKey("page-token"), IsOkAndHolds(secret));
  EXPECT_THAT(log_->GetMeta("plugins"),
              IsOkAndHolds(std::optional<std::string>(std::string("a\0b", 3))));
  EXPECT_EQ(log_->identity(), identity);
  EXPECT_EQ(log_->Head(), 0) << "neither is part of the log";
}

TEST_F(EmbeddedLogTest, SplitPointsCutIntoSimilarParts) {
  std::vector<RecordWrite> writes;
  for (int i = 0; i < 4000; ++i)
    writes.push_back(Write("agency-" + std::to_string(100'000 + i), std::string(300, 'x')));
  AppendOne(*log_, std::move(writes));
  Open();  // To files.
  const std::vector<std::string> points = log_->SplitPoints(RecordType::kAgency, 4);
  ASSERT_EQ(points.size(), 3U);
  std::set<std::string> seen;
  for (size_t part = 0; part <= points.size(); ++part) {
    int count = 0;
    ASSERT_THAT(
        log_->ScanRange(RecordType::kAgency, part == 0 ? "" : points[part - 1],
                        part == points.size() ? "" : points[part],
                        [&](RecordType, std::string_view id, Revision, std::string_view, uint32_t) {
                          ++count;
                          return seen.emplace(id).second;
                        }),
        IsOk());
    EXPECT_GT(count, 500) << part;
  }
  EXPECT_EQ(seen.size(), 4000U) << "every record once";
}

TEST_F(EmbeddedLogTest, LittleSpaceLeftIsAFullDisk) {
  AppendOne(*log_, {Write("a", "1")});
  log_.reset();
  StoreOptions options;
  options.data_dir = dir_.Path("data");
  options.min_free_bytes = UINT64_MAX;
  ASSERT_OK_AND_ASSIGN(log_, OpenStore(std::move(options)));
  const Entry entry = MakeEntry(2, {Write("b", "1")});
  EXPECT_THAT(log_->Append(1, {&entry, 1}), HasReason(Reason::kStorageFull));
  EXPECT_THAT(log_->WriteState(), IsOk()) << "it may be tried again";
  EXPECT_THAT(log_->Read(RecordType::kAgency, "a", 1), IsOk()) << "reads go on";
  EXPECT_THAT(log_->Trim(2), IsOk()) << "what frees space goes on";
}

}  // namespace
}  // namespace tandem::store
