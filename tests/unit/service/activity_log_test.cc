// SPDX-License-Identifier: Apache-2.0

// BatchLogActivities: what a phone that was offline sends, once, twice, a month later, wrong here
// and there.

#include <atomic>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "pairing_case.h"
#include "tandem/v1/activity_service.pb.h"

namespace tandem::service {
namespace {

using v1::Activity;
using Request = v1::BatchLogActivitiesRequest;
using Response = v1::BatchLogActivitiesResponse;

constexpr auto kStored = v1::LOG_ACTIVITY_OUTCOME_STORED;
constexpr auto kAlready = v1::LOG_ACTIVITY_OUTCOME_ALREADY_STORED;
constexpr auto kRefused = v1::LOG_ACTIVITY_OUTCOME_REFUSED;

std::string NameOf(const std::string& pairing, const std::string& id) {
  return StrCat("pairings/", pairing, "/activities/", id);
}

Activity Training(const std::string& pairing, const std::string& id, int participants = 12) {
  Activity activity;
  activity.set_name(NameOf(pairing, id));
  activity.set_kind("training");
  activity.set_participants(participants);
  activity.mutable_occurred_time()->set_seconds(1'600'000'000);
  return activity;
}

class ActivityLogTest : public PairingCase {
 protected:
  ActivityLogTest() {
    for (const char* id : {"p", "q"}) EXPECT_TRUE(Propose(id, Between("", "", 1)).ok());
  }

  Response Log(const std::vector<Activity>& activities) {
    Request request;
    for (const Activity& activity : activities) *request.add_activities() = activity;
    Response response = CallOk(PairingMethod("BatchLogActivities"), request).As<Response>();
    EXPECT_EQ(response.results_size(), static_cast<int>(activities.size()));
    EXPECT_EQ(response.stored_count() + response.already_stored_count() + response.refused_count(),
              response.results_size());
    return response;
  }

  Activity GetActivity(const std::string& name) {
    v1::GetActivityRequest request;
    request.set_name(name);
    return CallOk("tandem.v1.ActivityService/GetActivity", request).As<Activity>();
  }

  void DeleteActivity(const std::string& name) {
    v1::DeleteActivityRequest request;
    request.set_name(name);
    CallOk("tandem.v1.ActivityService/DeleteActivity", request);
  }

  // Names of the live activities of a pairing, "-" for all.
  std::set<std::string> Names(const std::string& pairing) {
    v1::ListActivitiesRequest list;
    list.set_parent("pairings/" + pairing);
    list.set_page_size(1000);
    auto page =
        CallOk("tandem.v1.ActivityService/ListActivities", list).As<v1::ListActivitiesResponse>();
    std::set<std::string> names;
    for (const Activity& activity : page.activities()) names.insert(activity.name());
    return names;
  }
};

TEST_F(ActivityLogTest, TwoHundredSentTwiceAreTwoHundred) {
  std::vector<Activity> activities;
  for (int i = 0; i < 200; ++i) {
    activities.push_back(Training(i % 4 == 0 ? "q" : "p", StrCat("phone-", i), i));
  }
  const store::Revision before = revision();
  Response first = Log(activities);
  EXPECT_EQ(first.stored_count(), 200);
  // One commit for all.
  EXPECT_EQ(revision(), before + 1);
  EXPECT_EQ(first.revision(), revision());
  Response second = Log(activities);
  EXPECT_EQ(second.already_stored_count(), 200);
  EXPECT_EQ(second.refused_count(), 0);
  EXPECT_EQ(revision(), before + 1);
  EXPECT_EQ(Names("-").size(), 200U);
  EXPECT_EQ(Names("q").size(), 50U);
  Activity stored = GetActivity(NameOf("p", "phone-1"));
  EXPECT_EQ(stored.participants(), 1);
  EXPECT_EQ(stored.occurred_time().seconds(), 1'600'000'000);
  // Part of them with new ones among them.
  activities.resize(3);
  activities.push_back(Training("p", "phone-200"));
  Response third = Log(activities);
  EXPECT_EQ(third.already_stored_count(), 3);
  EXPECT_EQ(third.stored_count(), 1);
}

TEST_F(ActivityLogTest, AWrongOneKeepsNoOtherBack) {
  Activity wrong = Training("p", "wrong");
  wrong.set_participants(-1);
  wrong.set_activity_date("yesterday");
  std::vector<Activity> activities = {Training("p", "a"),    wrong,
                                      Training("none", "b"), Training("p", "Not-An-Id"),
                                      Training("q", "c"),    Activity()};
  Response response = Log(activities);
  const v1::LogActivityOutcome outcomes[] = {kStored,  kRefused, kRefused,
                                             kRefused, kStored,  kRefused};
  const char* const reasons[] = {"", "FIELD_INVALID", "RESOURCE_NOT_FOUND", "FIELD_INVALID",
                                 "", "FIELD_INVALID"};
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(response.results(i).outcome(), outcomes[i]) << i;
    EXPECT_EQ(response.results(i).reason(), reasons[i]) << i;
    EXPECT_EQ(response.results(i).name(), activities[static_cast<size_t>(i)].name());
  }
  // All that is wrong with it.
  std::set<std::string> fields;
  for (const auto& violation : response.results(1).violations()) fields.insert(violation.field());
  EXPECT_EQ(fields, (std::set<std::string>{"participants", "activity_date"}));
  EXPECT_EQ(Names("-"), (std::set<std::string>{NameOf("p", "a"), NameOf("q", "c")}));
}

TEST_F(ActivityLogTest, TheSameIdWithOtherContentIsRefused) {
  Log({Training("p", "a", 12)});
  Activity other = Training("p", "a", 13);
  other.set_note("another one");
  Response response = Log({other, Training("p", "b")});
  EXPECT_EQ(response.results(0).outcome(), kRefused);
  EXPECT_EQ(response.results(0).reason(), "RESOURCE_EXISTS");
  EXPECT_NE(response.results(0).message().find("participants, note"), std::string::npos)
      << response.results(0).message();
  EXPECT_EQ(response.results(1).outcome(), kStored);
  EXPECT_EQ(GetActivity(NameOf("p", "a")).participants(), 12);
}

TEST_F(ActivityLogTest, OneNameTwiceInACall) {
  Response response = Log({Training("p", "a"), Training("p", "a"), Training("p", "a", 99),
                           Training("p", "a"), Training("none", "x"), Training("none", "x")});
  const v1::LogActivityOutcome outcomes[] = {kStored,  kAlready, kRefused,
                                             kAlready, kRefused, kRefused};
  for (int i = 0; i < 6; ++i) EXPECT_EQ(response.results(i).outcome(), outcomes[i]) << i;
  EXPECT_EQ(response.results(5).reason(), "RESOURCE_NOT_FOUND");
}

// The phone repeats what it first sent; what people corrected stays.
TEST_F(ActivityLogTest, ACorrectedActivityIsStillTheSame) {
  Log({Training("p", "a", 12)});
  v1::UpdateActivityRequest update;
  update.mutable_activity()->set_name(NameOf("p", "a"));
  update.mutable_activity()->set_participants(14);
  CallOk("tandem.v1.ActivityService/UpdateActivity", update);
  EXPECT_EQ(Log({Training("p", "a", 12)}).results(0).outcome(), kAlready);
  // What it is now is known as well.
  EXPECT_EQ(Log({Training("p", "a", 14)}).results(0).outcome(), kAlready);
  EXPECT_EQ(Log({Training("p", "a", 13)}).results(0).outcome(), kRefused);
  EXPECT_EQ(GetActivity(NameOf("p", "a")).participants(), 14);
}

// One that came by Create or Import is found by its content.
TEST_F(ActivityLogTest, ACreatedActivityIsKnownByItsContent) {
  v1::CreateActivityRequest create;
  create.set_parent("pairings/p");
  create.set_activity_id("a");
  *create.mutable_activity() = Training("p", "a");
  Activity created = CallOk("tandem.v1.ActivityService/CreateActivity", create).As<Activity>();
  EXPECT_EQ(created.logged_digest(), "");
  EXPECT_EQ(Log({Training("p", "a")}).results(0).outcome(), kAlready);
}

// An id is kept for 30 days after its activity was deleted, whatever request ids do.
TEST_F(ActivityLogTest, ADeletedActivityKeepsItsIdForThirtyDays) {
  Log({Training("p", "a")});
  DeleteActivity(NameOf("p", "a"));
  clock().Advance(absl::Hours(24 * 30) - absl::Seconds(1));
  EXPECT_EQ(*other_committer().PurgeExpired(), 0);
  EXPECT_EQ(Log({Training("p", "a")}).results(0).outcome(), kAlready);
  Response other = Log({Training("p", "a", 99)});
  EXPECT_EQ(other.results(0).outcome(), kRefused);
  EXPECT_EQ(other.results(0).reason(), "RESOURCE_DELETED_EXISTS");
  EXPECT_TRUE(Names("p").empty());
  clock().Advance(absl::Seconds(2));
  EXPECT_EQ(*other_committer().PurgeExpired(), 1);
  EXPECT_EQ(Log({Training("p", "a")}).results(0).outcome(), kStored);
}

TEST_F(ActivityLogTest, NothingIsLoggedOnADeletedPairing) {
  Log({Training("p", "a")});
  v1::DeletePairingRequest remove;
  remove.set_name("pairings/p");
  EXPECT_EQ(Call(PairingMethod("DeletePairing"), remove).reason(), "RESOURCE_IN_USE");
  remove.set_force(true);
  CallOk(PairingMethod("DeletePairing"), remove);
  Response response = Log({Training("p", "b"), Training("q", "b"), Training("p", "a")});
  EXPECT_EQ(response.results(0).reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(response.results(1).outcome(), kStored);
  // What was stored before the pairing went was stored.
  EXPECT_EQ(response.results(2).outcome(), kAlready);
}

TEST_F(ActivityLogTest, LimitsHoldAtTheLimitAndOneAbove) {
  Request request;
  for (int i = 0; i < 1000; ++i) *request.add_activities() = Training("p", StrCat("n-", i));
  EXPECT_EQ(CallOk(PairingMethod("BatchLogActivities"), request).As<Response>().stored_count(),
            1000);
  *request.add_activities() = Training("p", "n-1000");
  CallResult above = Call(PairingMethod("BatchLogActivities"), request);
  EXPECT_EQ(above.reason(), "FIELD_INVALID");
  EXPECT_EQ(Call(PairingMethod("BatchLogActivities"), Request()).reason(), "FIELD_INVALID");
  Request with_id;
  *with_id.add_activities() = Training("p", "n-1");
  with_id.set_request_id("17");
  EXPECT_EQ(Call(PairingMethod("BatchLogActivities"), with_id).reason(), "FIELD_INVALID");
  // 1 MiB in all, whatever the number.
  Request large;
  for (int i = 0; i < 300; ++i) {
    Activity activity = Training("p", StrCat("large-", i));
    activity.set_note(std::string(1000, 'x') + std::string(2500, ' '));
    *large.add_activities() = activity;
  }
  ASSERT_GT(large.ByteSizeLong(), kMaxRequestBytes);
  EXPECT_EQ(Call(PairingMethod("BatchLogActivities"), large).reason(), "LIMIT_EXCEEDED");
}

// A thousand refusals with many wrong fields each still fit into an answer.
TEST_F(ActivityLogTest, EveryOneOfAThousandRefusalsIsTold) {
  std::vector<Activity> activities;
  for (int i = 0; i < 1000; ++i) {
    Activity activity = Training("p", StrCat("n-", i), -1);
    activity.set_workers(-1);
    activity.set_kind(std::string(64, 'k'));
    activity.set_activity_date("2023-13-01");
    for (int k = 0; k < 8; ++k)
      (*activity.mutable_labels())[std::string(70, static_cast<char>('a' + k))] = "v";
    activities.push_back(std::move(activity));
  }
  Response response = Log(activities);
  EXPECT_EQ(response.refused_count(), 1000);
  EXPECT_GE(response.results(0).violations_size(), 5);
  for (const auto& result : response.results()) {
    EXPECT_EQ(result.reason(), "FIELD_INVALID");
    EXPECT_NE(result.message(), "");
  }
}

// Phones of one team send overlapping parts at the same time: every activity is stored once, and
// exactly one of those who sent it hears that it is new.
TEST_F(ActivityLogTest, ParallelCallsStoreEachOnce) {
  constexpr int kPhones = 5, kCalls = 8, kEach = 20, kIds = 60;
  std::vector<std::atomic<int>> stored(kIds);
  std::vector<std::thread> phones;
  for (int t = 0; t < kPhones; ++t) {
    phones.emplace_back([&, t] {
      std::mt19937 random(static_cast<uint32_t>(t));
      for (int i = 0; i < kCalls; ++i) {
        std::vector<Activity> activities;
        std::vector<int> ids;
        for (int k = 0; k < kEach; ++k) {
          ids.push_back(static_cast<int>(random() % kIds));
          activities.push_back(Training("p", StrCat("n-", ids.back())));
        }
        Response response = Log(activities);
        for (int k = 0; k < kEach; ++k) {
          const auto outcome = response.results(k).outcome();
          EXPECT_NE(outcome, kRefused) << response.results(k).message();
          if (outcome == kStored) ++stored[static_cast<size_t>(ids[static_cast<size_t>(k)])];
        }
      }
    });
  }
  for (std::thread& phone : phones) phone.join();
  const std::set<std::string> names = Names("p");
  for (int id = 0; id < kIds; ++id) {
    EXPECT_EQ(stored[static_cast<size_t>(id)].load(),
              static_cast<int>(names.count(NameOf("p", StrCat("n-", id)))));
  }
}

}  // namespace
}  // namespace tandem::service
