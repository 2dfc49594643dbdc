// SPDX-License-Identifier: Apache-2.0

#include "catalog/committer_thread.h"

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/reason_matcher.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using model::Reason;
using model::RecordType;
using support::HasReason;
using support::IsOk;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

v1::Agency WithIdentifier(v1::Agency agency, const std::string& value, bool verified = true) {
  v1::Identifier* identifier = agency.add_identifiers();
  identifier->set_scheme("synthetic");
  identifier->set_value(value);
  identifier->set_verified(verified);
  return agency;
}

TEST(CommitterTest, WritesBecomeVisibleWithTheirRevisionAndTail) {
  TestDirectory directory;
  const store::Revision base = directory.view()->revision();
  ASSERT_OK_AND_ASSIGN(CommitResult created, directory.Create(MakeAgency("a")));
  EXPECT_EQ(created.revision, base + 1);
  std::optional<RowRef> row = directory.view()->Find(RecordType::kAgency, "a");
  ASSERT_TRUE(row);
  EXPECT_EQ(row->revision(), created.revision);
  v1::Agency stored;
  ASSERT_TRUE(stored.ParseFromString(created.records[0].bytes));
  EXPECT_EQ(stored.etag(), store::EtagOf(created.revision));
  EXPECT_EQ(stored.create_time().seconds(), 1'700'000'000);
  directory.clock().Advance(absl::Seconds(5));
  v1::Agency changed = MakeAgency("a");
  changed.set_display_name("New name");
  ASSERT_OK_AND_ASSIGN(CommitResult updated, directory.Update(changed));
  ASSERT_TRUE(stored.ParseFromString(updated.records[0].bytes));
  EXPECT_EQ(stored.create_time().seconds(), 1'700'000'000);
  EXPECT_EQ(stored.update_time().seconds(), 1'700'000'005);
}

TEST(CommitterTest, ANameIsTakenUntilItsPurge) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(MakeAgency("a")), IsOk());
  EXPECT_THAT(directory.Create(MakeAgency("a")), HasReason(Reason::kResourceExists));
  ASSERT_THAT(directory.Delete(RecordType::kAgency, "a"), IsOk());
  EXPECT_THAT(directory.Create(MakeAgency("a")), HasReason(Reason::kResourceDeletedExists));
  EXPECT_THAT(directory.Delete(RecordType::kAgency, "a"), HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(directory.Update(MakeAgency("a")), HasReason(Reason::kResourceNotFound));
  EXPECT_THAT(directory.committer().PurgeExpired(), support::IsOkAndHolds(0));
  directory.clock().Advance(store::kDefaultPurgeAfter + absl::Seconds(1));
  EXPECT_THAT(directory.committer().PurgeExpired(), support::IsOkAndHolds(1));
  EXPECT_FALSE(directory.view()->Find(RecordType::kAgency, "a"));
  EXPECT_THAT(directory.Create(MakeAgency("a")), IsOk());
  EXPECT_EQ(directory.view()->Count(RecordType::kAgency), 1);
  EXPECT_EQ(directory.view()->DeletedCount(RecordType::kAgency), 0);
}

TEST(CommitterTest, UndeleteBringsTheRecordBack) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(MakeAgency("a")), IsOk());
  EXPECT_THAT(directory.Undelete(RecordType::kAgency, "a"), HasReason(Reason::kResourceExists));
  ASSERT_THAT(directory.Delete(RecordType::kAgency, "a"), IsOk());
  EXPECT_TRUE(directory.view()->Find(RecordType::kAgency, "a")->deleted());
  ASSERT_OK_AND_ASSIGN(CommitResult back, directory.Undelete(RecordType::kAgency, "a"));
  EXPECT_FALSE(directory.view()->Find(RecordType::kAgency, "a")->deleted());
  v1::Agency stored;
  ASSERT_TRUE(stored.ParseFromString(back.records[0].bytes));
  EXPECT_EQ(stored.display_name(), "Agency a");
  EXPECT_FALSE(stored.has_delete_time());
}

TEST(CommitterTest, AnOldBaseIsRefusedAndTellsTheCurrentEtag) {
  TestDirectory directory;
  ASSERT_OK_AND_ASSIGN(CommitResult created, directory.Create(MakeAgency("a")));
  PreparedRecord stale =
      Prepare(RecordType::kAgency, "a", WriteKind::kUpdate, MakeAgency("a"), created.revision - 1);
  EXPECT_THAT(directory.Write(stale), HasReason(Reason::kWriteConflict));
  stale.etag_given = true;
  absl::StatusOr<CommitResult> refused = directory.Write(stale);
  ASSERT_THAT(refused, HasReason(Reason::kEtagMismatch));
  EXPECT_EQ(model::ErrorMetadataValue(refused.status(), "currentEtag"),
            store::EtagOf(created.revision));
}

TEST(CommitterTest, AWriteThatChangesNothingMakesNoVersion) {
  TestDirectory directory;
  ASSERT_OK_AND_ASSIGN(CommitResult created, directory.Create(MakeAgency("a")));
  ASSERT_OK_AND_ASSIGN(CommitResult same, directory.Update(MakeAgency("a")));
  EXPECT_TRUE(same.records[0].unchanged);
  EXPECT_EQ(same.records[0].revision, created.revision);
  EXPECT_EQ(same.records[0].bytes, created.records[0].bytes);
  EXPECT_EQ(directory.log().Head(), created.revision);
}

TEST(CommitterTest, ReferencesMustExistAndLive) {
  TestDirectory directory;
  absl::StatusOr<CommitResult> refused = directory.Create(MakeAgency("a", "regions/33"));
  ASSERT_THAT(refused, HasReason(Reason::kReferenceMissing));
  EXPECT_EQ(model::ErrorMetadataValue(refused.status(), "field"), "home_region");
  EXPECT_EQ(model::ErrorMetadataValue(refused.status(), "target"), "regions/33");
  ASSERT_THAT(directory.Create(MakeRegion("33")), IsOk());
  ASSERT_THAT(directory.Delete(RecordType::kRegion, "33"), IsOk());
  EXPECT_THAT(directory.Create(MakeAgency("a", "regions/33")),
              HasReason(Reason::kReferenceMissing));
  ASSERT_THAT(directory.Undelete(RecordType::kRegion, "33"), IsOk());
  EXPECT_THAT(directory.Create(MakeAgency("a", "regions/33")), IsOk());
}

TEST(CommitterTest, OneWriteMayBringBothEndsOfAReferenceInAnyOrder) {
  TestDirectory directory;
  EXPECT_THAT(
      directory.Write(
          {Prepare(RecordType::kAgency, "a", WriteKind::kCreate, MakeAgency("a", "regions/33")),
           Prepare(RecordType::kRegion, "33", WriteKind::kCreate, MakeRegion("33"))}),
      IsOk());
  // And take both away.
  std::shared_ptr<const View> view = directory.view();
  EXPECT_THAT(directory.Write({Prepare(RecordType::kRegion, "33", WriteKind::kDelete, v1::Region(),
                                       view->Find(RecordType::kRegion, "33")->revision()),
                               Prepare(RecordType::kAgency, "a", WriteKind::kDelete, v1::Agency(),
                                       view->Find(RecordType::kAgency, "a")->revision())}),
              IsOk());
}

TEST(CommitterTest, WhatIsInUseStays) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(MakeRegion("33")), IsOk());
  for (int i = 0; i < 25; ++i) {
    ASSERT_THAT(directory.Create(MakeAgency("a" + std::to_string(i), "regions/33")), IsOk());
  }
  directory.catalog().WaitUntilMaintained();
  absl::StatusOr<CommitResult> refused = directory.Delete(RecordType::kRegion, "33");
  ASSERT_THAT(refused, HasReason(Reason::kResourceInUse));
  EXPECT_EQ(model::ErrorMetadataValue(refused.status(), "referrers"), "25");
  for (int i = 0; i < 24; ++i) {
    ASSERT_THAT(directory.Delete(RecordType::kAgency, "a" + std::to_string(i)), IsOk());
  }
  EXPECT_THAT(directory.Delete(RecordType::kRegion, "33"), HasReason(Reason::kResourceInUse));
  ASSERT_THAT(directory.Update(MakeAgency("a24")), IsOk());
  EXPECT_THAT(directory.Delete(RecordType::kRegion, "33"), IsOk());
  // Deleted referrers do not hold it, but can't come back alone.
  EXPECT_THAT(directory.Undelete(RecordType::kAgency, "a3"), HasReason(Reason::kReferenceMissing));
}

TEST(CommitterTest, AVerifiedIdentifierHasOneHolder) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(WithIdentifier(MakeAgency("a"), "X1")), IsOk());
  absl::StatusOr<CommitResult> refused = directory.Create(WithIdentifier(MakeAgency("b"), "X1"));
  ASSERT_THAT(refused, HasReason(Reason::kIdentifierTaken));
  EXPECT_EQ(model::ErrorMetadataValue(refused.status(), "holder"), "agencies/a");
  EXPECT_THAT(directory.Create(WithIdentifier(MakeAgency("b"), "X1", false)), IsOk());
  // A soft-deleted record keeps its claim, a purged one does not.
  ASSERT_THAT(directory.Delete(RecordType::kAgency, "a"), IsOk());
  directory.Restart();
  EXPECT_THAT(directory.Create(WithIdentifier(MakeAgency("c"), "X1")),
              HasReason(Reason::kIdentifierTaken));
  directory.clock().Advance(store::kDefaultPurgeAfter + absl::Seconds(1));
  ASSERT_THAT(directory.committer().PurgeExpired(), support::IsOkAndHolds(1));
  EXPECT_THAT(directory.Create(WithIdentifier(MakeAgency("c"), "X1")), IsOk());
  // Given up, it is free.
  ASSERT_THAT(directory.Update(MakeAgency("c")), IsOk());
  EXPECT_THAT(directory.Create(WithIdentifier(MakeAgency("d"), "X1")), IsOk());
  // Kept through an update.
  v1::Agency renamed = WithIdentifier(MakeAgency("d"), "X1");
  renamed.set_display_name("Renamed");
  EXPECT_THAT(directory.Update(renamed), IsOk());
}

TEST(CommitterTest, TheTreeHasNoCyclesAndAtMost32Levels) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(MakeRegion("r1")), IsOk());
  for (int i = 2; i <= 32; ++i) {
    ASSERT_THAT(directory.Create(MakeRegion("r" + std::to_string(i), "r" + std::to_string(i - 1))),
                IsOk());
  }
  EXPECT_THAT(directory.Create(MakeRegion("r33", "r32")), HasReason(Reason::kTreeCycle));
  EXPECT_THAT(directory.Update(MakeRegion("r1", "r5")), HasReason(Reason::kTreeCycle));
  EXPECT_THAT(directory.Update(MakeRegion("r4", "r4")), HasReason(Reason::kTreeCycle));
  ASSERT_THAT(directory.Create(MakeRegion("top")), IsOk());
  // r1 has 31 levels below it.
  EXPECT_THAT(directory.Update(MakeRegion("r1", "top")), HasReason(Reason::kTreeCycle));
  EXPECT_THAT(directory.Update(MakeRegion("r2", "top")), IsOk());
  // One write that would close a cycle between two records.
  std::shared_ptr<const View> view = directory.view();
  ASSERT_THAT(directory.Create(MakeRegion("p")), IsOk());
  ASSERT_THAT(directory.Create(MakeRegion("q")), IsOk());
  view = directory.view();
  EXPECT_THAT(
      directory.Write({Prepare(RecordType::kRegion, "p", WriteKind::kUpdate, MakeRegion("p", "q"),
                               view->Find(RecordType::kRegion, "p")->revision()),
                       Prepare(RecordType::kRegion, "q", WriteKind::kUpdate, MakeRegion("q", "p"),
                               view->Find(RecordType::kRegion, "q")->revision())}),
      HasReason(Reason::kTreeCycle));
  EXPECT_EQ(directory.view()->revision(), view->revision());
}

TEST(CommitterTest, AnAtomicWriteIsAllOrNothing) {
  TestDirectory directory;
  EXPECT_THAT(
      directory.Write(
          {Prepare(RecordType::kAgency, "a", WriteKind::kCreate, MakeAgency("a")),
           Prepare(RecordType::kAgency, "b", WriteKind::kCreate, MakeAgency("b", "regions/none"))}),
      HasReason(Reason::kReferenceMissing));
  EXPECT_FALSE(directory.view()->Find(RecordType::kAgency, "a"));
  // The name that was staged for a moment is free.
  EXPECT_THAT(directory.Create(MakeAgency("a")), IsOk());
}

TEST(CommitterTest, APartialWriteFailsRecordByRecordAndCounts) {
  TestDirectory directory;
  ASSERT_OK_AND_ASSIGN(CommitResult first, directory.Create(MakeAgency("old")));
  PreparedWrite write;
  write.principal = "local";
  write.method = "import";
  write.request_id = "id-1";
  write.request_sha256 = "sha";
  write.partial = true;
  write.import_number = 4;
  write.import_counts = {10, 0, 0, 2, 1};
  write.records.push_back(
      Prepare(RecordType::kAgency, "new", WriteKind::kCreate, MakeAgency("new")));
  write.records.push_back(
      Prepare(RecordType::kAgency, "bad", WriteKind::kCreate, MakeAgency("bad", "regions/none")));
  write.records.push_back(
      Prepare(RecordType::kAgency, "old", WriteKind::kUpdate, MakeAgency("old"), first.revision));
  ASSERT_OK_AND_ASSIGN(CommitResult result, directory.committer().Commit(write));
  EXPECT_THAT(result.records[0].status, IsOk());
  EXPECT_THAT(result.records[1].status, HasReason(Reason::kReferenceMissing));
  EXPECT_TRUE(result.records[2].unchanged);
  EXPECT_THAT(result.import_counts, ElementsAre(11, 0, 1, 2, 2, 0, 0));
  // The same chunk again is answered from what was kept; the next one goes on.
  ASSERT_OK_AND_ASSIGN(CommitResult again, directory.committer().Commit(write));
  EXPECT_TRUE(again.replayed);
  EXPECT_THAT(again.import_counts, ElementsAre(11, 0, 1, 2, 2, 0, 0));
  write.import_number = 5;
  write.import_counts = again.import_counts;
  write.records.clear();
  write.records.push_back(
      Prepare(RecordType::kAgency, "more", WriteKind::kCreate, MakeAgency("more")));
  ASSERT_OK_AND_ASSIGN(CommitResult next, directory.committer().Commit(write));
  EXPECT_THAT(next.import_counts, ElementsAre(12, 0, 1, 2, 2, 0, 0));
}

TEST(CommitterTest, APartialWriteTakesWhatBelongsTogetherWholeOrNotAtAll) {
  TestDirectory directory;
  auto make = [](const std::string& id, const std::string& region, bool with_previous) {
    PreparedRecord record =
        Prepare(RecordType::kAgency, id, WriteKind::kCreate, MakeAgency(id, region));
    record.with_previous = with_previous;
    return record;
  };
  PreparedWrite write;
  write.principal = "local";
  write.method = "import";
  write.partial = true;
  write.records = {make("a", "", false), make("a-1", "", true), make("b", "", false),
                   make("b-1", "regions/none", true), make("c", "", false)};
  write.records[0].counted_as = ImportOutcome::kConflicted;
  ASSERT_OK_AND_ASSIGN(CommitResult result, directory.committer().Commit(write));
  EXPECT_THAT(result.records[1].status, IsOk());
  EXPECT_THAT(result.records[2].status, HasReason(Reason::kReferenceMissing));
  EXPECT_THAT(result.records[3].status, HasReason(Reason::kReferenceMissing));
  EXPECT_THAT(result.records[4].status, IsOk());
  EXPECT_THAT(result.import_counts, ElementsAre(1, 0, 0, 0, 1, 1, 0));
  const auto view = directory.view();
  EXPECT_TRUE(view->Find(RecordType::kAgency, "a-1").has_value());
  EXPECT_FALSE(view->Find(RecordType::kAgency, "b").has_value());
}

PreparedWrite WithRequestId(const std::string& sha, const std::string& id) {
  PreparedWrite write;
  write.principal = "local";
  write.method = "create";
  write.request_id = "request-1";
  write.request_sha256 = sha;
  write.records.push_back(Prepare(RecordType::kAgency, id, WriteKind::kCreate, MakeAgency(id)));
  return write;
}

TEST(CommitterTest, ARequestIdIsAnsweredOnceAndTheSame) {
  TestDirectory directory;
  ASSERT_OK_AND_ASSIGN(CommitResult first,
                       directory.committer().Commit(WithRequestId("sha-1", "a")));
  directory.Restart();
  ASSERT_OK_AND_ASSIGN(CommitResult again,
                       directory.committer().Commit(WithRequestId("sha-1", "a")));
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.revision, first.revision);
  EXPECT_THAT(again.replayed_names, ElementsAre("agencies/a"));
  EXPECT_THAT(directory.committer().Commit(WithRequestId("sha-2", "b")),
              HasReason(Reason::kRequestIdReused));
  // Another principal's id is another id.
  PreparedWrite other = WithRequestId("sha-2", "b");
  other.principal = "somebody else";
  EXPECT_THAT(directory.committer().Commit(other), IsOk());
}

TEST(CommitterTest, GuardsRefuseAWriteWhoseGroundsMoved) {
  TestDirectory directory;
  ASSERT_OK_AND_ASSIGN(CommitResult region, directory.Create(MakeRegion("33")));
  PreparedWrite write;
  write.records.push_back(Prepare(RecordType::kAgency, "a", WriteKind::kCreate, MakeAgency("a")));
  write.guards.push_back({RecordType::kRegion, "33", region.revision});
  EXPECT_THAT(directory.committer().Commit(write), IsOk());
  v1::Region renamed = MakeRegion("33");
  renamed.set_display_name("Other");
  ASSERT_THAT(directory.Update(renamed), IsOk());
  write.records[0] = Prepare(RecordType::kAgency, "b", WriteKind::kCreate, MakeAgency("b"));
  EXPECT_THAT(directory.committer().Commit(write), HasReason(Reason::kWriteConflict));
}

TEST(CommitterTest, ValidateOnlyAnswersAndLeavesNothing) {
  TestDirectory directory;
  PreparedWrite write = WithRequestId("sha", "a");
  write.validate_only = true;
  const store::Revision before = directory.log().Head();
  ASSERT_OK_AND_ASSIGN(CommitResult result, directory.committer().Commit(write));
  EXPECT_FALSE(result.records[0].bytes.empty());
  EXPECT_EQ(result.revision, before);
  EXPECT_EQ(directory.log().Head(), before);
  EXPECT_FALSE(directory.view()->Find(RecordType::kAgency, "a"));
  write.records.push_back(
      Prepare(RecordType::kAgency, "b", WriteKind::kCreate, MakeAgency("b", "regions/none")));
  EXPECT_THAT(directory.committer().Commit(write), HasReason(Reason::kReferenceMissing));
}

TEST(CommitterTest, AfterAFailedStorageNothingIsTaken) {
  absl::Status told;
  CommitterOptions options;
  options.on_storage_failed = [&told](const absl::Status& status) { told = status; };
  TestDirectory directory(SmallSegments(), options);
  directory.log().FailNextAppend(model::MakeError(Reason::kStorageFailed, "the disk is gone"));
  EXPECT_THAT(directory.Create(MakeAgency("a")), HasReason(Reason::kStorageFailed));
  EXPECT_FALSE(directory.committer().healthy());
  EXPECT_THAT(told, HasReason(Reason::kStorageFailed));
  EXPECT_THAT(directory.Create(MakeAgency("b")), HasReason(Reason::kStorageFailed));
  EXPECT_FALSE(directory.view()->Find(RecordType::kAgency, "a"));
  EXPECT_EQ(directory.log().append_count(), 0);
}

TEST(CommitterTest, AFullDiskRefusesOneGroupOnly) {
  TestDirectory directory;
  directory.log().FailNextAppend(model::MakeError(Reason::kStorageFull, "the disk is full"));
  EXPECT_THAT(directory.Create(MakeAgency("a")), HasReason(Reason::kStorageFull));
  EXPECT_TRUE(directory.committer().healthy());
  EXPECT_THAT(directory.Create(MakeAgency("a")), IsOk());
}

TEST(CommitterTest, AMovedHeadIsCaughtUpWithAndTheWriteCheckedAgain) {
  TestDirectory directory;
  const v1::Agency foreign = MakeAgency("a");
  const std::string body = SerializeDeterministically(foreign);
  const store::Revision revision = directory.log().Head() + 1;
  directory.log().AppendElsewhere(
      {{RecordType::kAgency, "a", storage::v1::CHANGE_KIND_CREATED, 0,
        store::AppendTail(body, {revision, 5, 5, 0, 0}), static_cast<uint32_t>(body.size())}},
      5);
  EXPECT_THAT(directory.Create(MakeAgency("a")), HasReason(Reason::kResourceExists));
  ASSERT_OK_AND_ASSIGN(CommitResult created, directory.Create(MakeAgency("b")));
  EXPECT_EQ(created.revision, revision + 1);
  EXPECT_EQ(directory.view()->Find(RecordType::kAgency, "a")->revision(), revision);
}

TEST(CommitterTest, ALostAnswerIsReadBackByRequestId) {
  TestDirectory directory;
  directory.log().LoseNextAnswer(true);
  ASSERT_OK_AND_ASSIGN(CommitResult written,
                       directory.committer().Commit(WithRequestId("sha", "a")));
  EXPECT_EQ(written.revision, directory.log().Head());
  EXPECT_TRUE(directory.view()->Find(RecordType::kAgency, "a"));
  directory.log().LoseNextAnswer(false);
  EXPECT_THAT(directory.Create(MakeAgency("b")), HasReason(Reason::kOutcomeUnknown));
  EXPECT_FALSE(directory.view()->Find(RecordType::kAgency, "b"));
}

TEST(CommitterTest, WritesOfOneGroupSeeEachOther) {
  TestDirectory directory;
  // The first callback holds the committer while the others queue up and become one group.
  absl::Notification held, release;
  PreparedWrite first;
  first.records.push_back(
      Prepare(RecordType::kAgency, "first", WriteKind::kCreate, MakeAgency("first")));
  directory.committer().Submit(first, [&](const auto&) {
    held.Notify();
    release.WaitForNotification();
  });
  held.WaitForNotification();
  const int appends = directory.log().append_count();
  std::vector<absl::Status> results(5, absl::UnknownError("not called"));
  auto submit = [&](size_t slot, PreparedWrite write) {
    directory.committer().Submit(std::move(write), [&results, slot](const auto& result) {
      results[slot] = result.status();
    });
  };
  auto one = [](PreparedRecord record) {
    PreparedWrite write;
    write.records.push_back(std::move(record));
    return write;
  };
  submit(0, one(Prepare(RecordType::kRegion, "33", WriteKind::kCreate, MakeRegion("33"))));
  submit(1, one(Prepare(RecordType::kAgency, "a", WriteKind::kCreate,
                        WithIdentifier(MakeAgency("a", "regions/33"), "X"))));
  submit(2, one(Prepare(RecordType::kAgency, "b", WriteKind::kCreate,
                        WithIdentifier(MakeAgency("b"), "X"))));
  submit(3, WithRequestId("sha", "c"));
  submit(4, WithRequestId("sha", "c"));
  release.Notify();
  ASSERT_THAT(directory.Create(MakeAgency("last")), IsOk());
  EXPECT_THAT(results[0], IsOk());
  EXPECT_THAT(results[1], IsOk());
  EXPECT_THAT(results[2], HasReason(Reason::kIdentifierTaken));
  EXPECT_THAT(results[3], IsOk());
  EXPECT_THAT(results[4], HasReason(Reason::kWriteConflict));
  EXPECT_LE(directory.log().append_count(), appends + 2);
}

TEST(CommitterTest, AFullQueueRefusesAtOnceAndStopFinishesWhatWasTaken) {
  CommitterOptions options;
  options.queue_writes = 2;
  TestDirectory directory(SmallSegments(), options);
  absl::Notification held, release;
  PreparedWrite first;
  first.records.push_back(
      Prepare(RecordType::kAgency, "first", WriteKind::kCreate, MakeAgency("first")));
  directory.committer().Submit(first, [&](const auto&) {
    held.Notify();
    release.WaitForNotification();
  });
  held.WaitForNotification();
  std::vector<absl::Status> results(3, absl::UnknownError("not called"));
  for (size_t i = 0; i < 3; ++i) {
    PreparedWrite write;
    const std::string id = "a" + std::to_string(i);
    write.records.push_back(Prepare(RecordType::kAgency, id, WriteKind::kCreate, MakeAgency(id)));
    directory.committer().Submit(
        write, [&results, i](const auto& result) { results[i] = result.status(); });
  }
  EXPECT_THAT(results[2], HasReason(Reason::kOverloaded));
  release.Notify();
  directory.committer().Stop();
  EXPECT_THAT(results[0], IsOk());
  EXPECT_THAT(results[1], IsOk());
  EXPECT_THAT(directory.Create(MakeAgency("late")), HasReason(Reason::kShuttingDown));
}

}  // namespace
}  // namespace tandem::catalog
