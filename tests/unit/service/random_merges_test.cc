// SPDX-License-Identifier: Apache-2.0

// Merges, deletes, creations and renamings at random against a model: sets that only grow, each
// with one record that stands for it. After every step each name ever given answers that record, in
// one step; every number is held by who took it over; and a catalog made anew from the log agrees.

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "agency_calls.h"
#include "catalog/merged_names.h"
#include "gtest/gtest.h"

namespace tandem::service {
namespace {

constexpr int kNames = 24;
constexpr int kSteps = 700;
constexpr int kStepsPerName = 12;

// What one record is, as plainly as it can be said.
struct ModelAgency {
  bool deleted = false;
  // Empty: it stands for itself. Otherwise the record it was merged into then, which may have been
  // merged since: the model follows chains, the server must not need to.
  std::string merged_into;
};

class RandomMergesTest : public AgencyTest {
 protected:
  int Below(int limit) { return std::uniform_int_distribution<int>(0, limit - 1)(engine_); }
  // Merges use names up: the names in play move on.
  std::string RandomId() { return StrCat("n", step_ / kStepsPerName + Below(kNames)); }

  std::string Follow(std::string id) const {
    while (!records_.at(id).merged_into.empty()) id = records_.at(id).merged_into;
    return id;
  }

  void StepCreate() {
    const std::string id = RandomId();
    const std::string number = StrCat("V-", id);
    const CallResult result = CreateCall(
        id, StrCat(R"(identifiers { scheme: "tax" value: ")", number, R"(" verified: true })"));
    ++seen_[result.reason()];
    if (!records_.contains(id)) {
      ASSERT_EQ(result.reason(), "OK") << id;
      records_[id] = ModelAgency();
      return;
    }
    const bool deleted = records_[id].deleted;
    EXPECT_EQ(result.reason(), deleted ? "RESOURCE_DELETED_EXISTS" : "RESOURCE_EXISTS") << id;
  }

  void StepMerge() {
    const std::string survivor = RandomId();
    std::vector<std::string> merged;
    for (int i = 0; i <= Below(3); ++i) {
      const std::string id = RandomId();
      if (std::find(merged.begin(), merged.end(), id) == merged.end()) merged.push_back(id);
    }
    std::string expected = "OK";
    if (!records_.contains(survivor) || records_[Follow(survivor)].deleted) {
      expected = "RESOURCE_NOT_FOUND";
    }
    for (const std::string& id : merged) {
      if (expected != "OK") break;
      if (!records_.contains(id)) {
        expected = "RESOURCE_NOT_FOUND";
      } else if (id == Follow(survivor)) {
        expected = "MERGE_CYCLE";
      } else if (records_[id].deleted) {
        expected = "RESOURCE_NOT_FOUND";
      } else if (!records_[id].merged_into.empty()) {
        expected = "RESOURCE_MERGED";
      }
    }
    const CallResult result = Merge(survivor, merged);
    ++seen_[StrCat("merge ", result.reason())];
    ASSERT_EQ(result.reason(), expected) << survivor;
    if (!result.ok()) return;
    EXPECT_EQ(result.As<v1::Agency>().name(), AgencyName(Follow(survivor)));
    const std::string into = Follow(survivor);
    for (const std::string& id : merged) records_[id].merged_into = into;
  }

  void StepDelete() {
    const std::string id = RandomId();
    std::string expected = "OK";
    if (!records_.contains(id) || records_[id].deleted) {
      expected = "RESOURCE_NOT_FOUND";
    } else if (!records_[id].merged_into.empty()) {
      expected = "RESOURCE_MERGED";
    }
    const CallResult result = Delete(id);
    ++seen_[StrCat("delete ", result.reason())];
    ASSERT_EQ(result.reason(), expected) << id;
    if (result.ok()) records_[id].deleted = true;
  }

  void StepUndelete() {
    const std::string id = RandomId();
    const bool can = records_.contains(id) && records_[id].deleted;
    ASSERT_EQ(Undelete(id).ok(), can) << id;
    if (can) records_[id].deleted = false;
  }

  void StepPurge() {
    clock().Advance(absl::Hours(24 * 31));
    ASSERT_TRUE(other_committer().PurgeExpired().ok());
    std::set<std::string> stand;
    for (const auto& [id, record] : records_) {
      if (!record.merged_into.empty()) stand.insert(Follow(id));
    }
    std::erase_if(records_, [&](const auto& item) {
      return item.second.deleted && !stand.contains(item.first);
    });
  }

  // What a view must say of every name.
  void ExpectResolved(const catalog::View& view) {
    for (const auto& [id, record] : records_) {
      const std::optional<catalog::RowRef> row = view.FindName(AgencyName(id));
      ASSERT_TRUE(row) << id;
      const std::string survivor = Follow(id);
      EXPECT_EQ(catalog::ResolveMerged(view, *row).id(), survivor) << id;
      EXPECT_EQ(catalog::SurvivorOf(*row).value_or(""),
                record.merged_into.empty() ? "" : AgencyName(survivor));
      EXPECT_EQ(catalog::ResolveMerged(view, *row).deleted(), records_[survivor].deleted);
    }
  }

  void ExpectNumbers() {
    for (const auto& [id, record] : records_) {
      EXPECT_EQ(Lookup("tax", StrCat("V-", id)).agency().name(), AgencyName(Follow(id))) << id;
    }
  }

  std::mt19937 engine_{20260105};
  int step_ = 0;
  std::map<std::string, ModelAgency> records_;
  std::map<std::string, int> seen_;
};

TEST_F(RandomMergesTest, EveryNameAnswersWhoStandsForIt) {
  for (step_ = 0; step_ < kSteps && !HasFatalFailure(); ++step_) {
    switch (Below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        StepCreate();
        break;
      case 4:
      case 5:
      case 6:
        StepMerge();
        break;
      case 7:
        StepDelete();
        break;
      case 8:
        StepUndelete();
        break;
      default:
        if (Below(8) == 0) StepPurge();
    }
    for (const auto& [id, record] : records_) {
      if (Below(4) != 0) continue;
      const auto answered = Get(id).As<v1::Agency>();
      EXPECT_EQ(answered.name(), AgencyName(Follow(id))) << "step " << step_;
    }
    if (step_ % 50 == 49) {
      ExpectNumbers();
      ExpectResolved(*Rebuild()->view());
      std::vector<std::string> stand;
      for (const auto& [id, record] : records_) {
        if (record.merged_into.empty() && !record.deleted) stand.push_back(id);
      }
      EXPECT_EQ(List(), stand);
    }
  }
  for (const char* outcome :
       {"OK", "RESOURCE_EXISTS", "merge OK", "merge MERGE_CYCLE", "merge RESOURCE_MERGED",
        "merge RESOURCE_NOT_FOUND", "delete OK", "delete RESOURCE_MERGED"}) {
    EXPECT_GT(seen_[outcome], 0) << outcome;
  }
}

}  // namespace
}  // namespace tandem::service
