// SPDX-License-Identifier: Apache-2.0

// One watch at a time over a real channel: kinds and bodies, filters, where it may start, large
// revisions, slow readers, the end of the server.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "import_call.h"
#include "model/absl_strings.h"
#include "store/log.h"
#include "tandem/v1/service_category_service.pb.h"
#include "watch_call.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ChangeHubOptions Impatient() {
  ChangeHubOptions options;
  options.patience = absl::Milliseconds(200);
  options.max_watchers = 8;
  return options;
}

class WatchTest : public ServiceFixture {
 protected:
  WatchTest() : ServiceFixture(size_t{8} << 20U, Impatient()) {}

  v1::ServiceCategory Create(const std::string& id, const std::string& taxonomy = "fields") {
    v1::CreateServiceCategoryRequest request;
    request.set_service_category_id(id);
    request.mutable_service_category()->set_display_name("term");
    request.mutable_service_category()->set_taxonomy(taxonomy);
    return CallOk("tandem.v1.ServiceCategoryService/CreateServiceCategory", request)
        .As<v1::ServiceCategory>();
  }
  v1::ServiceCategory Update(const std::string& id, const std::string& taxonomy,
                             const std::string& definition = "") {
    v1::UpdateServiceCategoryRequest request;
    request.mutable_service_category()->set_name(CategoryName(id));
    request.mutable_service_category()->set_taxonomy(taxonomy);
    request.mutable_service_category()->set_definition(definition);
    request.mutable_update_mask()->add_paths("taxonomy");
    request.mutable_update_mask()->add_paths("definition");
    return CallOk("tandem.v1.ServiceCategoryService/UpdateServiceCategory", request)
        .As<v1::ServiceCategory>();
  }
  v1::ServiceCategory Delete(const std::string& id) {
    v1::DeleteServiceCategoryRequest request;
    request.set_name(CategoryName(id));
    return CallOk("tandem.v1.ServiceCategoryService/DeleteServiceCategory", request)
        .As<v1::ServiceCategory>();
  }
  v1::ServiceCategory Undelete(const std::string& id) {
    v1::UndeleteServiceCategoryRequest request;
    request.set_name(CategoryName(id));
    return CallOk("tandem.v1.ServiceCategoryService/UndeleteServiceCategory", request)
        .As<v1::ServiceCategory>();
  }
  void Purge() {
    clock().Advance(store::kDefaultPurgeAfter + absl::Seconds(1));
    ASSERT_GT(other_committer().PurgeExpired().value(), 0);
  }
  // What a watch that is refused ends with.
  CallResult Refused(const v1::WatchRequest& request) {
    WatchCall call(channel(), request);
    EXPECT_FALSE(call.Next().has_value());
    return call.Finish();
  }
};

TEST_F(WatchTest, EveryKindOfChangeWithTheBytesThatWereAnswered) {
  WatchCall watch(channel(), CategoriesFrom(0));
  EXPECT_EQ(watch.AwaitStart(), revision());
  const v1::ServiceCategory created = Create("a");
  const v1::ServiceCategory updated = Update("a", "groups");
  const v1::ServiceCategory deleted = Delete("a");
  const v1::ServiceCategory undeleted = Undelete("a");
  Delete("a");
  Purge();
  const auto events = watch.Until(revision());
  ASSERT_THAT(Told(events), ElementsAre("CREATED a", "UPDATED a", "DELETED a", "UNDELETED a",
                                        "DELETED a", "PURGED a"));
  const std::vector<v1::ServiceCategory> answers = {created, updated, deleted, undeleted};
  for (size_t i = 0; i < answers.size(); ++i) {
    EXPECT_EQ(events[i].record().service_category().SerializeAsString(),
              answers[i].SerializeAsString());
    EXPECT_FALSE(events[i].has_previous());
    EXPECT_EQ(events[i].previous_revision(), i == 0 ? 0 : events[i - 1].revision());
    EXPECT_GT(events[i].commit_time().seconds(), 0);
  }
  EXPECT_FALSE(events.back().has_record());
}

TEST_F(WatchTest, TheLogTellsTheSameAsTheMemory) {
  const int64_t start = revision() + 1;
  Create("seen-before");
  WatchCall live(channel(), CategoriesFrom(0));
  live.AwaitStart();
  Create("a");
  Update("a", "groups");
  Delete("a");
  const auto first = live.Until(revision());
  WatchCall later(channel(), CategoriesFrom(start + 1));
  const auto second = later.Until(revision());
  ASSERT_EQ(first.size(), 3U);
  ASSERT_EQ(second.size(), 3U);
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].SerializeAsString(), second[i].SerializeAsString());
  }
}

TEST_F(WatchTest, ARecordPurgedSinceIsToldWithoutItsBody) {
  const int64_t start = revision() + 1;
  Create("gone");
  Create("kept");
  Delete("gone");
  Purge();
  WatchCall watch(channel(), CategoriesFrom(start));
  const auto events = watch.Until(revision());
  ASSERT_THAT(Told(events),
              ElementsAre("CREATED gone", "CREATED kept", "DELETED gone", "PURGED gone"));
  EXPECT_FALSE(events[0].has_record());
  EXPECT_TRUE(events[1].has_record());
  EXPECT_FALSE(events[2].has_record());
}

TEST_F(WatchTest, ThePreviousVersionComesWhenAskedFor) {
  v1::WatchRequest request = CategoriesFrom(0);
  request.set_include_previous(true);
  WatchCall live(channel(), request);
  live.AwaitStart();
  const int64_t start = revision() + 1;
  const v1::ServiceCategory created = Create("a");
  const v1::ServiceCategory updated = Update("a", "groups");
  Delete("a");
  request.set_start_revision(start);
  WatchCall later(channel(), request);
  for (WatchCall* watch : {&live, &later}) {
    const auto events = watch->Until(revision());
    ASSERT_EQ(events.size(), 3U);
    EXPECT_FALSE(events[0].has_previous());
    EXPECT_EQ(events[1].previous().service_category().SerializeAsString(),
              created.SerializeAsString());
    EXPECT_EQ(events[2].previous().service_category().SerializeAsString(),
              updated.SerializeAsString());
  }
}

TEST_F(WatchTest, WhatEntersAFilterIsCreatedAndWhatLeavesItDeleted) {
  v1::WatchRequest request = CategoriesFrom(0);
  request.set_filter("taxonomy = \"mine\"");
  request.set_include_previous(true);
  WatchCall live(channel(), request);
  live.AwaitStart();
  request.set_start_revision(revision() + 1);
  Create("in", "mine");
  Create("out", "other");
  Update("out", "other", "still not");
  Update("in", "mine", "still in");
  Update("out", "mine");
  Update("in", "other");
  Update("in", "other", "still out");
  Delete("in");
  Delete("out");
  Undelete("out");
  WatchCall later(channel(), request);
  for (WatchCall* watch : {&live, &later}) {
    const auto events = watch->Until(revision());
    ASSERT_THAT(Told(events), ElementsAre("CREATED in", "UPDATED in", "CREATED out", "DELETED in",
                                          "DELETED out", "UNDELETED out"));
    // It did not fit before.
    EXPECT_FALSE(events[2].has_previous());
    EXPECT_TRUE(events[2].has_record());
    // It does not fit any more.
    EXPECT_FALSE(events[3].has_record());
    EXPECT_EQ(events[3].previous().service_category().taxonomy(), "mine");
    EXPECT_TRUE(events[4].record().service_category().has_delete_time());
  }
  Purge();
  EXPECT_THAT(Told(live.Until(revision())), ElementsAre("PURGED in"));
}

TEST_F(WatchTest, AMarkTellsThatNothingFittedAndWhatIsKept) {
  const int64_t oldest = revision() + 1;
  Create("first");
  v1::WatchRequest request = CategoriesFrom(0);
  request.set_filter("taxonomy = \"none\"");
  request.mutable_progress_interval()->set_nanos(100'000'000);
  WatchCall watch(channel(), request);
  auto mark = watch.Next();
  ASSERT_TRUE(mark.has_value());
  EXPECT_EQ(mark->revision(), revision());
  EXPECT_EQ(mark->history().oldest_revision(), oldest);
  EXPECT_GT(mark->history().oldest_time().seconds(), 0);
  EXPECT_FALSE(mark->history().has_retention());
  Create("second");
  EXPECT_THAT(watch.Until(revision()), IsEmpty());
}

TEST_F(WatchTest, WhereAWatchMayStart) {
  const int64_t oldest = revision() + 1;
  for (int i = 0; i < 5; ++i) Create(StrCat("c", i));
  ASSERT_TRUE(log().Trim(oldest + 2).ok());
  // The oldest one left.
  EXPECT_THAT(Told(WatchCall(channel(), CategoriesFrom(oldest + 2)).Until(revision())),
              ElementsAre("CREATED c2", "CREATED c3", "CREATED c4"));
  // One before it.
  const CallResult compacted = Refused(CategoriesFrom(oldest + 1));
  EXPECT_EQ(compacted.reason(), "REVISION_COMPACTED");
  EXPECT_EQ(compacted.status.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(compacted.Metadata("earliest"), StrCat(oldest + 2));
  // The next one to come, and one after it.
  WatchCall next(channel(), CategoriesFrom(revision() + 1));
  next.AwaitStart();
  const CallResult ahead = Refused(CategoriesFrom(revision() + 2));
  EXPECT_EQ(ahead.reason(), "FIELD_INVALID");
  EXPECT_THAT(ahead.status.error_message(), HasSubstr("lies ahead"));
  Create("c5");
  EXPECT_THAT(Told(next.Until(revision())), ElementsAre("CREATED c5"));
  // Of another history, both ways.
  for (int64_t epoch : {int64_t{1}, int64_t{7}}) {
    const CallResult other =
        Refused(CategoriesFrom(store::MakeRevision(epoch, store::SequenceOf(revision()))));
    EXPECT_EQ(other.reason(), "HISTORY_CHANGED");
    EXPECT_EQ(other.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  }
  EXPECT_EQ(Refused(CategoriesFrom(-1)).reason(), "FIELD_INVALID");
}

TEST_F(WatchTest, WrongRequestsAreRefusedWithTheRemedy) {
  v1::WatchRequest contacts;
  contacts.add_collections("contacts");
  EXPECT_THAT(Refused(contacts).status.error_message(), HasSubstr("personal data"));
  v1::WatchRequest chunks;
  chunks.add_collections("agencies");
  chunks.add_collections("matchChunks");
  const CallResult no_such = Refused(chunks);
  EXPECT_EQ(no_such.FindDetail<google::rpc::BadRequest>()->field_violations(0).field(),
            "collections[1]");
  EXPECT_THAT(no_such.status.error_message(), HasSubstr("serviceCategories"));
  v1::WatchRequest filtered;
  filtered.set_filter("taxonomy = \"x\"");
  EXPECT_EQ(Refused(filtered).reason(), "FIELD_INVALID");
  filtered.add_collections("serviceCategories");
  filtered.set_filter("taxonomy = ");
  EXPECT_EQ(Refused(filtered).reason(), "FILTER_INVALID");
  v1::WatchRequest many;
  for (int i = 0; i < 16; ++i) many.add_collections("agencies");
  WatchCall(channel(), many).AwaitStart();
  many.add_collections("agencies");
  EXPECT_EQ(Refused(many).reason(), "FIELD_INVALID");
}

TEST_F(WatchTest, ProgressIntervalsHaveLimits) {
  const auto with = [](int64_t seconds, int32_t nanos) {
    v1::WatchRequest request;
    request.mutable_progress_interval()->set_seconds(seconds);
    request.mutable_progress_interval()->set_nanos(nanos);
    return request;
  };
  WatchCall(channel(), with(0, 100'000'000)).AwaitStart();
  WatchCall(channel(), with(3600, 0)).AwaitStart();
  EXPECT_EQ(Refused(with(0, 99'999'999)).reason(), "FIELD_INVALID");
  EXPECT_EQ(Refused(with(3600, 1)).reason(), "FIELD_INVALID");
}

TEST_F(WatchTest, OneWatcherMoreThanAreTakenIsRefused) {
  std::vector<std::unique_ptr<WatchCall>> watchers;
  for (size_t i = 0; i < Impatient().max_watchers; ++i) {
    watchers.push_back(std::make_unique<WatchCall>(channel(), CategoriesFrom(0)));
    watchers.back()->AwaitStart();
  }
  const CallResult refused = Refused(CategoriesFrom(0));
  EXPECT_EQ(refused.reason(), "OVERLOADED");
  EXPECT_TRUE(refused.FindDetail<google::rpc::RetryInfo>().has_value());
  // A place is free once one is gone.
  watchers.pop_back();
  while (changes().watcher_count() >= Impatient().max_watchers) {
    absl::SleepFor(absl::Milliseconds(1));
  }
  WatchCall(channel(), CategoriesFrom(0)).AwaitStart();
}

TEST_F(WatchTest, ARevisionLargerThanAMessageComesInMarkedParts) {
  WatchCall live(channel(), CategoriesFrom(0));
  live.AwaitStart();
  const int64_t start = revision() + 1;
  constexpr int kRecords = 400;
  ImportCall import(channel());
  import.Send(OptionsOnly(v1::IMPORT_CONFLICT_RULE_FAIL));
  std::vector<v1::ServiceCategory> records = Categories(kRecords);
  for (v1::ServiceCategory& record : records) record.set_definition(std::string(2000, 'd'));
  import.Send(Chunk(records, 1, kRecords));
  ASSERT_TRUE(import.Finish().ok());
  ASSERT_EQ(revision(), start);
  WatchCall later(channel(), CategoriesFrom(start));
  for (WatchCall* watch : {&live, &later}) {
    int parts = 0;
    size_t events = 0;
    std::optional<v1::WatchResponse> message;
    do {
      message = watch->Next();
      ASSERT_TRUE(message.has_value());
      if (message->events().empty()) continue;
      EXPECT_LE(message->ByteSizeLong(), size_t{68} << 10U);
      EXPECT_EQ(message->revision(), message->continued() ? start - 1 : start);
      events += static_cast<size_t>(message->events_size());
      ++parts;
    } while (message->revision() < start);
    EXPECT_EQ(events, static_cast<size_t>(kRecords));
    EXPECT_GT(parts, 10);
  }
}

TEST_F(WatchTest, ASlowWatcherIsDroppedAndNobodyElseNotices) {
  Create("a");
  WatchCall slow(channel(), CategoriesFrom(0));
  WatchCall steady(channel(), CategoriesFrom(0));
  slow.AwaitStart();
  steady.AwaitStart();
  const int64_t start = revision() + 1;
  // It stands still once what gRPC takes in advance is full; then more than 1 MiB comes.
  int updates = 0;
  while (changes().too_slow_count() == 0 && updates < 20'000) {
    const std::string definition = StrCat(updates++, std::string(1900, 'x'));
    Update("a", "fields", definition);
    if (updates % 10 == 0) steady.Until(revision());
  }
  EXPECT_EQ(changes().too_slow_count(), 1);
  EXPECT_GT(updates, 500);
  // What was on its way arrives, then the reason.
  std::vector<v1::ChangeEvent> events;
  while (auto message = slow.Next()) {
    events.insert(events.end(), message->events().begin(), message->events().end());
  }
  const CallResult dropped = slow.Finish();
  EXPECT_EQ(dropped.reason(), "OVERLOADED");
  EXPECT_EQ(dropped.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  const int64_t resume = std::stoll(dropped.Metadata("resumeRevision"));
  ASSERT_FALSE(events.empty());
  EXPECT_EQ(events.back().revision() + 1, resume);
  // Going on from there misses nothing.
  WatchCall resumed(channel(), CategoriesFrom(resume));
  const auto rest = resumed.Until(revision());
  events.insert(events.end(), rest.begin(), rest.end());
  ASSERT_EQ(events.size(), static_cast<size_t>(updates));
  for (int i = 0; i < updates; ++i) {
    EXPECT_EQ(events[static_cast<size_t>(i)].revision(), start + i);
  }
}

TEST_F(WatchTest, WhoReadsThePastMayBeSlow) {
  Create("a");
  const int64_t start = revision() + 1;
  WatchCall keeps_the_tail(channel(), CategoriesFrom(0));
  keeps_the_tail.AwaitStart();
  const auto write = [&](int count) {
    for (int i = 0; i < count; ++i) {
      Update("a", "fields", StrCat(revision(), std::string(1900, 'x')));
      keeps_the_tail.Until(revision());
    }
  };
  write(700);
  WatchCall slow(channel(), CategoriesFrom(start));
  slow.AwaitStart();
  size_t written = 1400;
  write(700);
  // It takes nothing for longer than others may.
  const absl::Time begun = absl::Now();
  for (; absl::Now() - begun < 2 * Impatient().patience; ++written) write(1);
  EXPECT_EQ(slow.Until(revision()).size(), written);
  EXPECT_EQ(changes().too_slow_count(), 0);
}

TEST_F(WatchTest, AStoppingServerTellsWhereToGoOn) {
  Create("a");
  WatchCall waiting(channel(), CategoriesFrom(revision()));
  EXPECT_THAT(Told(waiting.Until(revision())), ElementsAre("CREATED a"));
  changes().Drain();
  const CallResult end = waiting.Finish();
  EXPECT_EQ(end.reason(), "SHUTTING_DOWN");
  EXPECT_EQ(end.status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(end.Metadata("resumeRevision"), StrCat(revision() + 1));
  EXPECT_EQ(Refused(CategoriesFrom(0)).reason(), "SHUTTING_DOWN");
}

TEST_F(WatchTest, HistoryTrimmedUnderAWatcherIsToldNotSkipped) {
  Create("a");
  const int64_t start = revision() + 1;
  // More than gRPC takes in advance, so that the stream stands in the middle.
  for (int i = 0; i < 300; ++i) Update("a", "fields", StrCat(i, std::string(1900, 'x')));
  WatchCall watch(channel(), CategoriesFrom(start));
  ASSERT_TRUE(watch.Next().has_value());
  ASSERT_TRUE(log().Trim(revision()).ok());
  int64_t last = 0;
  while (auto message = watch.Next()) last = message->revision();
  const CallResult end = watch.Finish();
  EXPECT_EQ(end.reason(), "REVISION_COMPACTED");
  EXPECT_EQ(end.Metadata("earliest"), StrCat(revision()));
  EXPECT_LT(last, revision() - 1);
}

}  // namespace
}  // namespace tandem::service
