// SPDX-License-Identifier: Apache-2.0

// Single cases of syncs: how rows find their agencies, what each outcome counts, what is missing
// and when that is believed, corrections and decisions, and what can't be taken.

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "model/resource_name.h"
#include "sync_call.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDayOne[] = "2023-11-14";

v1::Agency WithStaff(v1::Agency row, int total) {
  row.mutable_staff()->set_total(total);
  return row;
}

v1::Agency WithCode(v1::Agency row, const std::string& value, bool verified = true) {
  v1::Identifier* identifier = row.add_identifiers();
  identifier->set_scheme("synthetic");
  identifier->set_value(value);
  identifier->set_verified(verified);
  return row;
}

class SyncTest : public SyncFixture {};

TEST_F(SyncTest, TheSameRecordsTwiceChangeNothing) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY, 365);
  const std::vector<v1::Agency> rows = Rows(2500);
  EXPECT_EQ(Sync("reg", rows, {.full = true}).counts().created(), 2500);
  const store::Revision before = revision();
  const v1::ImportResponse again =
      Sync("reg", rows, {.full = true, .request_id = model::MakeUuid()});
  EXPECT_EQ(again.counts().unchanged(), 2500);
  EXPECT_EQ(again.sync_result().outcome(), v1::SYNC_OUTCOME_MARKED);
  EXPECT_EQ(again.sync_result().known_count(), 2500);
  EXPECT_EQ(again.sync_result().missing_count(), 0);
  EXPECT_EQ(revision(), before) << "a sync of the same made an event";
  // The next night too.
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(Sync("reg", rows, {.full = true}).counts().unchanged(), 2500);
  EXPECT_EQ(revision(), before);
  // Once half of the assurance is over it is given anew.
  clock().Advance(absl::Hours(24 * 200));
  EXPECT_EQ(Sync("reg", rows, {.full = true}).counts().updated(), 2500);
  const v1::Agency agency = Get("a7");
  ASSERT_EQ(agency.provenance_size(), 1);
  EXPECT_EQ(agency.provenance(0).field_path(), "identity");
  EXPECT_EQ(agency.provenance(0).source(), "sources/reg");
  EXPECT_EQ(agency.provenance(0).assured_date(), "2024-06-02");
  EXPECT_EQ(agency.provenance(0).lapse_date(), "2025-06-02");
}

TEST_F(SyncTest, RowsFindTheirAgencies) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  MakeSource("body", v1::SOURCE_KIND_ASSESSMENT_BODY);
  Sync("reg", {WithCode(Row("a", "甲"), "X1"), WithCode(Row("b", "乙"), "X2")});
  // By a verified identifier, whatever the name; from then on by the source's own id.
  v1::Agency graded;
  graded.mutable_assessment()->set_points(900);
  v1::SourceId* own = graded.add_source_ids();
  own->set_source("sources/body");
  own->set_id("评-1");
  EXPECT_EQ(Sync("body", {WithCode(graded, "X1", false)}).counts().conflicted(), 1)
      << "it does not vouch for the number";
  EXPECT_EQ(Get("a").assessment().points(), 900);
  graded.mutable_assessment()->set_points(901);
  EXPECT_EQ(Sync("body", {graded}).counts().updated(), 1);
  EXPECT_EQ(Get("a").assessment().points(), 901);
  ASSERT_EQ(Get("a").source_ids_size(), 2);
  EXPECT_EQ(Get("a").source_ids(1).id(), "评-1");
  // A new one without a name gets one made of the ids, always the same.
  own = nullptr;
  v1::Agency fresh = graded;
  fresh.set_display_name("丙");
  fresh.mutable_source_ids(0)->set_id("ZJ-77");
  EXPECT_EQ(Sync("body", {fresh}).counts().created(), 1);
  EXPECT_EQ(AllAgencies("source_ids.id:\"ZJ-77\"").size(), 1U);
  EXPECT_THAT(AllAgencies("source_ids.id:\"ZJ-77\"")[0].name(), HasSubstr("agencies/body-zj-77-"));
  fresh.mutable_source_ids(0)->set_id("zj-78");
  Sync("body", {fresh});
  EXPECT_EQ(AllAgencies("source_ids.id:\"zj-78\"")[0].name(), "agencies/body-zj-78");
  // Identifiers of two agencies name neither.
  v1::ImportResponse torn = Sync("body", {WithCode(WithCode(Row("t"), "X1", false), "X2", false)});
  EXPECT_EQ(torn.counts().failed(), 1);
  EXPECT_EQ(torn.errors(0).reason(), "IDENTIFIER_TAKEN");
  // Neither id nor name.
  v1::Agency nameless;
  nameless.set_display_name("无名");
  torn = Sync("body", {nameless});
  EXPECT_EQ(torn.counts().failed(), 1);
  EXPECT_EQ(torn.errors(0).reason(), "FIELD_INVALID");
}

TEST_F(SyncTest, RowsOfOneFileThatMeanOneAgency) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  // The same id twice, then another id with the same number: only the first counts.
  const std::vector<v1::Agency> rows = {WithCode(Row("a", "甲"), "X1"), Row("a", "再"),
                                        WithCode(Row("b", "乙"), "X1")};
  for (int night = 0; night < 2; ++night) {
    const v1::ImportResponse answer = Sync("reg", rows);
    EXPECT_EQ(answer.counts().created() + answer.counts().unchanged(), 1);
    EXPECT_EQ(answer.counts().failed(), 2);
    ASSERT_EQ(answer.errors_size(), 2);
    EXPECT_EQ(answer.errors(0).reason(), "RESOURCE_EXISTS");
    EXPECT_EQ(answer.errors(1).reason(), "RESOURCE_EXISTS");
    EXPECT_EQ(Get("a").display_name(), "甲");
    EXPECT_EQ(AllAgencies().size(), 1U);
  }
  // The source numbers it anew: the agency stays the same.
  EXPECT_EQ(Sync("reg", {WithCode(Row("c", "甲"), "X1")}, {.full = true}).counts().updated(), 1);
  ASSERT_EQ(Get("a").source_ids_size(), 1);
  EXPECT_EQ(Get("a").source_ids(0).id(), "c");
}

TEST_F(SyncTest, AStrongerWordStandsAndTheWeakerIsKept) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  MakeSource("self", v1::SOURCE_KIND_SELF);
  Sync("reg", {WithStaff(Row("a", "甲"), 20)});
  v1::Agency own = WithStaff(Row("a", "甲"), 25);
  own.set_what_we_do("访");
  EXPECT_EQ(Sync("self", {own}).counts().conflicted(), 1);
  v1::Agency held = Get("a");
  EXPECT_EQ(held.staff().total(), 20);
  EXPECT_EQ(held.what_we_do(), "访") << "nobody else spoke of it";
  std::vector<v1::FieldConflict> conflicts = Conflicts("agency = \"agencies/a\"");
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_EQ(conflicts[0].field_group(), "staff");
  EXPECT_EQ(conflicts[0].source(), "sources/self");
  EXPECT_EQ(conflicts[0].state(), v1::FIELD_CONFLICT_STATE_OPEN);
  EXPECT_EQ(conflicts[0].value().ShortDebugString(), "staff { total: 25 }");
  EXPECT_EQ(conflicts[0].first_seen_time().seconds(), 1'700'000'000);
  // Again the same: nothing new lost.
  store::Revision before = revision();
  EXPECT_EQ(Sync("self", {own}).counts().unchanged(), 1);
  EXPECT_EQ(revision(), before);
  // Both agree in the end.
  EXPECT_EQ(Sync("self", {WithStaff(own, 20)}).counts().updated(), 1);
  conflicts = Conflicts();
  ASSERT_EQ(conflicts.size(), 1U);
  EXPECT_EQ(conflicts[0].state(), v1::FIELD_CONFLICT_STATE_RESOLVED);
  EXPECT_FALSE(conflicts[0].has_resolution());
  held = Get("a");
  std::vector<std::string> standing;
  for (const v1::Provenance& entry : held.provenance()) {
    if (entry.field_path() == "staff") standing.push_back(entry.source());
  }
  EXPECT_THAT(standing, ElementsAre("sources/reg", "sources/self"));
}

TEST_F(SyncTest, OfEqualSourcesTheLaterWordHoldsAndNobodyTakesTurns) {
  MakeSource("east", v1::SOURCE_KIND_ASSOCIATION);
  MakeSource("west", v1::SOURCE_KIND_ASSOCIATION);
  const v1::Agency east = WithStaff(Row("a"), 1), west = WithStaff(Row("a"), 2);
  Sync("east", {east});
  clock().Advance(absl::Hours(1));
  Sync("west", {west});
  EXPECT_EQ(Get("a").staff().total(), 2);
  const store::Revision before = revision();
  for (int night = 0; night < 3; ++night) {
    clock().Advance(absl::Hours(24));
    EXPECT_EQ(Sync("east", {east}).counts().unchanged(), 1);
    EXPECT_EQ(Sync("west", {west}).counts().unchanged(), 1);
  }
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(Sync("east", {WithStaff(east, 3)}).counts().updated(), 1);
  EXPECT_EQ(Get("a").staff().total(), 3);
}

TEST_F(SyncTest, ACorrectionStandsUntilItLapses) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  Sync("reg", {WithStaff(Row("a", "甲"), 20)});
  v1::Agency patch = WithStaff(Row("a", "甲"), 21);
  v1::Agency corrected = Update(patch, {"staff"});
  EXPECT_EQ(corrected.provenance(1).source(), "manual");
  EXPECT_EQ(Conflicts("source = \"sources/reg\"").size(), 1U) << "what the registry said is kept";
  EXPECT_EQ(Sync("reg", {WithStaff(Row("a", "甲"), 22)}).counts().conflicted(), 1);
  EXPECT_EQ(Get("a").staff().total(), 21);
  // The person says until when.
  patch = Get("a");
  for (v1::Provenance& entry : *patch.mutable_provenance()) {
    if (entry.source() == "manual") entry.set_lapse_date(kDayOne);
  }
  Update(patch, {"provenance"});
  EXPECT_EQ(Sync("reg", {WithStaff(Row("a", "甲"), 22)}).counts().unchanged(), 1) << "its last day";
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(Sync("reg", {WithStaff(Row("a", "甲"), 22)}).counts().updated(), 1);
  EXPECT_EQ(Get("a").staff().total(), 22);
  EXPECT_EQ(Conflicts("source = \"manual\"").size(), 1U);
  // Reading and writing back changes nothing, and nobody forges a source's entry.
  const store::Revision before = revision();
  v1::Agency copy = Get("a");
  Update(copy, {"*"});
  EXPECT_EQ(revision(), before);
  copy.mutable_provenance(0)->set_source("sources/other");
  Update(copy, {"provenance"});
  EXPECT_EQ(revision(), before);
}

TEST_F(SyncTest, ADecisionStandsUntilItsLastDay) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  MakeSource("self", v1::SOURCE_KIND_SELF);
  Sync("reg", {WithStaff(Row("a", "甲"), 20)});
  Sync("self", {WithStaff(Row("a", "甲"), 25)});
  const std::string name = Conflicts()[0].name();
  CallResult wrong = Resolve(name, "sources/none");
  EXPECT_EQ(wrong.reason(), "STATE_WRONG");
  EXPECT_EQ(Resolve(name, "sources/self", "2023-11-13").reason(), "FIELD_INVALID");
  EXPECT_EQ(Resolve(name, "").reason(), "FIELD_INVALID");
  EXPECT_EQ(Resolve("fieldConflicts/none", "sources/self").reason(), "RESOURCE_NOT_FOUND");
  auto resolved = Resolve(name, "sources/self", kDayOne).As<v1::FieldConflict>();
  EXPECT_EQ(resolved.name(), name);
  EXPECT_EQ(resolved.state(), v1::FIELD_CONFLICT_STATE_RESOLVED);
  EXPECT_EQ(resolved.resolution().source(), "sources/self");
  EXPECT_EQ(Get("a").staff().total(), 25);
  // The registry's word is the one that lost now, and what it says later is kept as decided.
  EXPECT_EQ(Sync("reg", {WithStaff(Row("a", "甲"), 30)}).counts().conflicted(), 1);
  EXPECT_EQ(Get("a").staff().total(), 25);
  EXPECT_EQ(Conflicts("state = FIELD_CONFLICT_STATE_OPEN").size(), 0U);
  // The chosen source may say something new.
  EXPECT_EQ(Sync("self", {WithStaff(Row("a", "甲"), 26)}).counts().updated(), 1);
  EXPECT_EQ(Get("a").staff().total(), 26);
  clock().Advance(absl::Hours(24));
  EXPECT_EQ(Sync("reg", {WithStaff(Row("a", "甲"), 30)}).counts().updated(), 1);
  EXPECT_EQ(Get("a").staff().total(), 30);
  EXPECT_EQ(Conflicts("state = FIELD_CONFLICT_STATE_OPEN").size(), 1U);
}

TEST_F(SyncTest, WhatNobodyVouchedForGivesWayAndIsKept) {
  MakeSource("self", v1::SOURCE_KIND_SELF);
  v1::CreateAgencyRequest create;
  create.set_agency_id("a");
  *create.mutable_agency() = WithStaff(Row("a", "甲"), 5);
  CallOk("tandem.v1.AgencyService/CreateAgency", create);
  EXPECT_EQ(Sync("self", {WithStaff(Row("a", "甲"), 6)}).counts().updated(), 1);
  EXPECT_EQ(Get("a").staff().total(), 6);
  std::vector<v1::FieldConflict> kept = Conflicts();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0].source(), "unattributed");
  EXPECT_EQ(kept[0].value().staff().total(), 5);
  // Whoever prefers it makes it their own word.
  EXPECT_TRUE(Resolve(kept[0].name(), "unattributed").ok());
  EXPECT_EQ(Get("a").staff().total(), 5);
  EXPECT_EQ(Sync("self", {WithStaff(Row("a", "甲"), 7)}).counts().conflicted(), 1);
  EXPECT_EQ(Get("a").staff().total(), 5);
}

TEST_F(SyncTest, ASourceSpeaksOnlyOfItsGroups) {
  MakeSource("body", v1::SOURCE_KIND_ASSESSMENT_BODY, 0, std::nullopt, {"assessment"});
  v1::Agency row = WithStaff(Row("a", "甲"), 5);
  row.mutable_assessment()->set_points(800);
  const v1::ImportResponse refused = Sync("body", {row});
  EXPECT_EQ(refused.counts().failed(), 1) << "it can't give a new agency a name";
  EXPECT_EQ(refused.errors(0).violations(0).field(), "display_name");
  MakeSource("self", v1::SOURCE_KIND_SELF);
  Sync("self", {Row("a", "乙")});
  EXPECT_EQ(Sync("body", {row}).counts().updated(), 1);
  EXPECT_EQ(Get("a").assessment().points(), 800);
  EXPECT_EQ(Get("a").display_name(), "乙");
  EXPECT_FALSE(Get("a").has_staff());
}

TEST_F(SyncTest, TooManyMissingStopBeforeTheFirstMark) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  std::vector<v1::Agency> rows = Rows(1000);
  Sync("reg", rows, {.full = true});
  auto without = [&](size_t missing) {
    return std::vector<v1::Agency>(rows.begin() + static_cast<ptrdiff_t>(missing), rows.end());
  };
  const store::Revision before = revision();
  // 40 %, nothing at all, and one above the limit of 50 per mille.
  for (size_t missing : {400U, 1000U, 51U}) {
    const v1::ImportResponse answer = Sync("reg", without(missing), {.full = true});
    EXPECT_EQ(answer.sync_result().outcome(), v1::SYNC_OUTCOME_PROTECTED) << missing;
    EXPECT_EQ(answer.sync_result().missing_count(), static_cast<int64_t>(missing));
    EXPECT_EQ(answer.sync_result().known_count(), 1000);
    EXPECT_EQ(answer.counts().missing(), 0);
    EXPECT_EQ(revision(), before);
  }
  // At the limit they are marked; a check tells so before.
  const v1::ImportResponse dry = Sync("reg", without(50), {.full = true, .validate_only = true});
  EXPECT_EQ(dry.counts().missing(), 50);
  EXPECT_EQ(revision(), before);
  EXPECT_EQ(Sync("reg", without(50), {.full = true}).counts().missing(), 50);
  EXPECT_EQ(Get("a49").source_ids(0).not_seen_since_date(), kDayOne);
  EXPECT_EQ(Get("a50").source_ids(0).not_seen_since_date(), "");
  EXPECT_EQ(AllAgencies("source_ids.not_seen_since_date:\"2023-11-14\"").size(), 50U);
  // Those marked are not missing anew, and one that comes back loses its mark.
  clock().Advance(absl::Hours(24));
  const v1::ImportResponse next = Sync("reg", without(49), {.full = true});
  EXPECT_EQ(next.counts().missing(), 0);
  EXPECT_EQ(next.counts().updated(), 1);
  EXPECT_EQ(Get("a49").source_ids(0).not_seen_since_date(), "");
  EXPECT_EQ(Get("a48").source_ids(0).not_seen_since_date(), kDayOne);
  // Forced: all of them, some commits of at most 1,000; nothing is deleted.
  EXPECT_EQ(Sync("reg", {}, {.full = true, .force = true}).counts().missing(), 951);
  EXPECT_EQ(AllAgencies().size(), 1000U);
}

TEST_F(SyncTest, TheThresholdIsTheSources) {
  MakeSource("none", v1::SOURCE_KIND_SELF, 0, 0);
  MakeSource("any", v1::SOURCE_KIND_SELF, 0, 1000);
  for (const char* source : {"none", "any"}) {
    std::vector<v1::Agency> rows;
    for (int i = 0; i < 10; ++i) rows.push_back(Row(StrCat(source, i)));
    Sync(source, rows, {.full = true});
    rows.pop_back();
    const bool stops = std::string(source) == "none";
    EXPECT_EQ(Sync(source, rows, {.full = true}).sync_result().outcome(),
              stops ? v1::SYNC_OUTCOME_PROTECTED : v1::SYNC_OUTCOME_MARKED);
    EXPECT_EQ(Sync(source, {}, {.full = true}).sync_result().outcome(),
              stops ? v1::SYNC_OUTCOME_PROTECTED : v1::SYNC_OUTCOME_MARKED);
  }
}

TEST_F(SyncTest, WithUnreadRecordsNobodyKnowsWhatIsMissing) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  std::vector<v1::Agency> rows = Rows(100);
  Sync("reg", rows, {.full = true});
  rows.pop_back();
  EXPECT_EQ(Sync("reg", rows, {.full = true, .unread_count = 1}).sync_result().outcome(),
            v1::SYNC_OUTCOME_UNREAD);
  EXPECT_EQ(Sync("reg", rows, {.full = true, .force = true, .unread_count = 1}).counts().missing(),
            1);
  // A record that is refused was seen all the same.
  rows[5].clear_display_name();
  rows[5].mutable_staff()->set_total(-1);
  const v1::ImportResponse answer = Sync("reg", rows, {.full = true});
  EXPECT_EQ(answer.counts().failed(), 1);
  EXPECT_EQ(answer.sync_result().missing_count(), 0);
}

TEST_F(SyncTest, DeletedAgenciesAreLeftAlone) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  Sync("reg", Rows(3), {.full = true});
  v1::DeleteAgencyRequest request;
  request.set_name("agencies/a1");
  CallOk("tandem.v1.AgencyService/DeleteAgency", request);
  const v1::ImportResponse answer = Sync("reg", Rows(3), {.full = true});
  EXPECT_EQ(answer.counts().skipped(), 1);
  EXPECT_EQ(answer.counts().unchanged(), 2);
}

TEST_F(SyncTest, ConflictsGoWithAPurgedAgency) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  MakeSource("self", v1::SOURCE_KIND_SELF);
  Sync("reg", {WithStaff(Row("a", "甲"), 20), WithStaff(Row("b", "乙"), 7)});
  Sync("self", {WithStaff(Row("a", "甲"), 25), WithStaff(Row("b", "乙"), 8)});
  ASSERT_EQ(Conflicts().size(), 2U);
  v1::DeleteAgencyRequest away;
  away.set_name("agencies/a");
  CallOk("tandem.v1.AgencyService/DeleteAgency", away);
  // A deletion can be taken back, so what was said stays.
  EXPECT_EQ(Conflicts("agency = \"agencies/a\"").size(), 1U);
  v1::PurgeAgencyRequest purge;
  purge.set_name("agencies/a");
  CallOk("tandem.v1.AgencyService/PurgeAgency", purge);
  const std::vector<v1::FieldConflict> left = Conflicts();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].agency(), "agencies/b");
  // Another agency of that id starts without them.
  Sync("reg", {WithStaff(Row("a", "丙"), 20)});
  EXPECT_THAT(Conflicts("agency = \"agencies/a\""), ::testing::IsEmpty());
}

TEST_F(SyncTest, ARowIsAllOrNothing) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  MakeSource("self", v1::SOURCE_KIND_SELF);
  Sync("reg", {WithStaff(Row("a"), 1)});
  // One group loses, another names a region that is not there.
  v1::Agency row = WithStaff(Row("a"), 2);
  row.set_home_region("regions/none");
  const v1::ImportResponse answer = Sync("self", {row, WithStaff(Row("b"), 3)});
  EXPECT_EQ(answer.counts().failed(), 1);
  EXPECT_EQ(answer.errors(0).reason(), "REFERENCE_MISSING");
  EXPECT_EQ(answer.counts().created(), 1);
  EXPECT_EQ(Conflicts().size(), 0U) << "a refused row left a part behind";
}

TEST_F(SyncTest, ASyncThatBrokeGoesOnToTheSameEnd) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY, 0, 1000);
  constexpr size_t kTotal = 3000, kChunk = 100;
  std::vector<v1::Agency> old;
  for (int i = 0; i < 2500; ++i) old.push_back(Row(StrCat("old", i)));
  Sync("reg", old, {.full = true});
  const std::vector<v1::Agency> rows = Rows(static_cast<int>(kTotal));
  SyncSettings how{.full = true, .request_id = model::MakeUuid()};
  // Cut off within the records, then before the end was told: nothing is marked.
  for (size_t cut : {size_t{700}, kTotal}) {
    SyncCall call(channel());
    call.Send(Options("reg", how));
    for (size_t first = 1; first <= cut; first += kChunk) {
      call.Send(ChunkOf(rows, first, first + kChunk - 1));
      ASSERT_TRUE(call.Receive());
    }
    EXPECT_TRUE(call.Finish().ok());
    EXPECT_EQ(AllAgencies("source_ids.not_seen_since_date:\"2*\"").size(), 0U);
  }
  // Cut off between two commits of marks.
  committer().BeforeNextWrite([](const catalog::PreparedWrite&) {});
  int marks = 0;
  std::function<void(const catalog::PreparedWrite&)> count = [&](const catalog::PreparedWrite&) {
    if (++marks < 2) committer().BeforeNextWrite(count);
  };
  {
    SyncCall call(channel());
    call.Send(Options("reg", how));
    for (size_t first = 1; first <= kTotal; first += kChunk) {
      call.Send(ChunkOf(rows, first, first + kChunk - 1));
    }
    call.Send(End(static_cast<int64_t>(kTotal)));
  }
  const v1::ImportResponse end = Sync("reg", rows, how);
  EXPECT_EQ(end.counts().created(), static_cast<int64_t>(kTotal));
  EXPECT_EQ(end.counts().missing(), 2500) << end.ShortDebugString();
  EXPECT_EQ(end.sync_result().missing_count(), 2500);
  EXPECT_EQ(AllAgencies("source_ids.not_seen_since_date:\"2*\"").size(), 2500U);
  EXPECT_EQ(AllAgencies().size(), 2500 + kTotal);
}

TEST_F(SyncTest, WhatCanNotBeTaken) {
  MakeSource("reg", v1::SOURCE_KIND_REGISTRY);
  const std::vector<v1::Agency> rows = Rows(10);
  auto expect = [&](const std::vector<v1::ImportAgenciesRequest>& messages, const char* reason,
                    const char* field) {
    SCOPED_TRACE(field);
    SyncCall call(channel());
    for (const auto& message : messages) call.Send(message);
    CallResult end = call.Finish();
    EXPECT_EQ(end.reason(), reason);
    if (auto bad = end.FindDetail<google::rpc::BadRequest>()) {
      EXPECT_EQ(bad->field_violations(0).field(), field);
    }
  };
  const v1::ImportAgenciesRequest full = Options("reg", {.full = true});
  expect({Options("nobody", {})}, "RESOURCE_NOT_FOUND", "");
  v1::ImportAgenciesRequest odd = Options("reg", {});
  odd.mutable_options()->mutable_sync()->set_source("reg");
  expect({odd}, "FIELD_INVALID", "options.sync.source");
  odd = Options("reg", {});
  odd.mutable_options()->set_on_conflict(v1::IMPORT_CONFLICT_RULE_SKIP);
  expect({odd}, "FIELD_INVALID", "options.on_conflict");
  expect({full, ChunkOf(rows, 2, 10)}, "FIELD_INVALID", "first_number");
  expect({full, ChunkOf(rows, 1, 10), ChunkOf(rows, 1, 10)}, "FIELD_INVALID", "first_number");
  expect({full, ChunkOf(rows, 1, 10), End(11)}, "FIELD_INVALID", "sync_end.record_count");
  expect({full, End(0, -1)}, "FIELD_INVALID", "sync_end.unread_count");
  expect({full, End(0), End(0)}, "FIELD_INVALID", "sync_end");
  expect({Options("reg", {}), End(0)}, "FIELD_INVALID", "sync_end");
  odd = ChunkOf(rows, 1, 10);
  odd.mutable_sync_end()->set_record_count(10);
  expect({full, odd}, "FIELD_INVALID", "sync_end");
  v1::CreateSourceRequest source;
  source.mutable_source()->set_display_name("x");
  EXPECT_EQ(Call("tandem.v1.SourceService/CreateSource", source).reason(), "FIELD_INVALID");
  source.mutable_source()->set_kind(v1::SOURCE_KIND_SELF);
  source.mutable_source()->add_field_groups("staffing");
  EXPECT_EQ(Call("tandem.v1.SourceService/CreateSource", source).reason(), "FIELD_INVALID");
  Sync("reg", rows);
  v1::DeleteSourceRequest drop;
  drop.set_name("sources/reg");
  EXPECT_EQ(Call("tandem.v1.SourceService/DeleteSource", drop).reason(), "RESOURCE_IN_USE");
}

}  // namespace
}  // namespace tandem::service
