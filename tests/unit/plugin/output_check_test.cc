// SPDX-License-Identifier: Apache-2.0

// The check of a solver's answer: honest answers of random problems always pass, and each way to
// falsify one is always caught.
#include "plugin/output_check.h"

#include <algorithm>
#include <cstring>
#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "host/host_wire.h"
#include "model/absl_strings.h"
#include "sdk/tandem_plugin.h"
#include "support/reason_matcher.h"

namespace tandem::plugin {
namespace {

using model::Reason;
using support::HasReason;

// A random problem with one feasible answer in the form a host leaves it in.
struct Case {
  explicit Case(std::mt19937* random) {
    auto below = [random](uint32_t n) { return static_cast<uint32_t>((*random)() % n); };
    const uint32_t n_needs = 1 + below(5);
    const uint32_t n_offers = 1 + below(5);
    std::vector<uint64_t> row_start = {0};
    std::vector<uint32_t> offers;
    for (uint32_t need = 0; need < n_needs; ++need) {
      for (uint32_t offer = 0; offer < n_offers; ++offer) {
        if (below(3) != 0) offers.push_back(offer);
      }
      row_start.push_back(offers.size());
    }
    problem.needs = std::make_shared<ColumnSet>(n_needs);
    problem.offers = std::make_shared<ColumnSet>(n_offers);
    problem.pairs = *PairSet::Make(n_offers, row_start, offers);
    need_units.resize(n_needs);
    offer_units.resize(n_offers);
    std::vector<int64_t> used_need(n_needs), used_offer(n_offers);
    for (uint64_t pair = 0; pair < offers.size(); ++pair) {
      score.push_back(below(1'000'001));
      if (below(2) == 0) continue;
      uint64_t need = static_cast<uint64_t>(
          std::upper_bound(row_start.begin(), row_start.end(), pair) - row_start.begin() - 1);
      int64_t units = 1 + below(3);
      entries.push_back({pair, units});
      used_need[need] += units;
      used_offer[offers[pair]] += units;
      if (below(4) == 0) fixed.push_back({pair, 1 + below(static_cast<uint32_t>(units))});
    }
    // Bounds that the answer just meets, so that one unit more or less is one too many.
    need_units = used_need;
    offer_units = used_offer;
    groups.push_back({Side::kOffers, {0}, used_offer[0], used_offer[0]});
    groups.push_back({Side::kNeeds, {0}, used_need[0], kNoMaxUnits});
    problem.need_units = need_units;
    problem.offer_units = offer_units;
    terms = {score, groups, fixed};
    std::shuffle(entries.begin(), entries.end(), *random);
  }
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  int64_t Objective() const {
    uint64_t sum = 0;  // units that break a rule may wrap it
    for (const AssignedPair& entry : entries) {
      if (entry.pair >= score.size()) continue;
      sum += static_cast<uint64_t>(score[entry.pair]) * static_cast<uint64_t>(entry.units);
    }
    return static_cast<int64_t>(sum);
  }

  // What TakeAssignment says of `entries` with this objective.
  absl::StatusOr<AssignResult> Take(int64_t objective) const {
    wire::AssignLayout at(problem.pairs->n_pairs(), problem.pairs->n_needs(),
                          problem.pairs->n_offers(), groups.size());
    std::vector<char> output(at.bytes + 8 * 8 * (entries.size() + 1));
    wire::AssignHead head{};
    head.count = entries.size();
    head.objective = objective;
    std::memcpy(output.data(), &head, sizeof(head));
    for (size_t i = 0; i < std::min<size_t>(entries.size(), problem.pairs->n_pairs()); ++i) {
      std::memcpy(output.data() + at.pair + 8 * i, &entries[i].pair, 8);
      std::memcpy(output.data() + at.units + 8 * i, &entries[i].units, 8);
    }
    return TakeAssignment(output.data(), problem, terms);
  }

  std::vector<int64_t> need_units, offer_units, score;
  std::vector<Group> groups;
  std::vector<FixedPair> fixed;
  std::vector<AssignedPair> entries;
  Problem problem;
  AssignTerms terms;
};

TEST(OutputCheck, HonestAnswersPassAndFalseOnesAreCaught) {
  std::mt19937 random(20261123);
  int falsified = 0;
  for (int round = 0; round < 3000; ++round) {
    Case honest(&random);
    auto taken = honest.Take(honest.Objective());
    ASSERT_TRUE(taken.ok()) << taken.status();
    EXPECT_EQ(taken->objective, honest.Objective());
    EXPECT_TRUE(std::is_sorted(taken->assignment.begin(), taken->assignment.end(),
                               [](auto a, auto b) { return a.pair < b.pair; }));
    EXPECT_THAT(honest.Take(honest.Objective() + 1), HasReason(Reason::kPluginBadOutput));
    if (honest.entries.empty()) continue;
    std::vector<AssignedPair> original = honest.entries;
    auto falsify = [&](auto change, const char* what) {
      honest.entries = original;
      change(honest.entries);
      EXPECT_THAT(honest.Take(honest.Objective()), HasReason(Reason::kPluginBadOutput)) << what;
      ++falsified;
    };
    falsify([](auto& entries) { entries[0].units += 1; }, "one unit too many");
    falsify([](auto& entries) { entries[0].units = 0; }, "no units");
    falsify([](auto& entries) { entries[0].units = std::numeric_limits<int64_t>::min(); },
            "minus units");
    falsify([&](auto& entries) { entries[0].pair = honest.score.size(); }, "no such pair");
    falsify([](auto& entries) { entries.push_back(entries[0]); }, "twice");
  }
  EXPECT_GT(falsified, 5000);
}

TEST(OutputCheck, UnitsNearTheEndOfInt64DoNotWrap) {
  std::mt19937 random(1);
  int tried = 0;
  while (tried < 10) {
    Case big(&random);
    if (big.entries.size() < 2) continue;
    ++tried;
    big.entries.resize(2);
    big.entries[0].units = std::numeric_limits<int64_t>::max();
    big.entries[1].units = std::numeric_limits<int64_t>::max();
    EXPECT_THAT(big.Take(0), HasReason(Reason::kPluginBadOutput));
  }
}

TEST(OutputCheck, ScoresAreTakenOnceAndLeaveNothingBehind) {
  Manifest declared;
  declared.id = "x";
  declared.score_low = -1;
  declared.score_high = 1;
  std::vector<double> cells = {-1, 0, 1};
  std::vector<double> taken(3);
  EXPECT_TRUE(TakeScores(cells.data(), declared, absl::MakeSpan(taken)).ok());
  EXPECT_THAT(taken, ::testing::ElementsAre(-1, 0, 1));
  EXPECT_TRUE(std::all_of(cells.begin(), cells.end(), [](double cell) { return cell != cell; }));
  EXPECT_THAT(TakeScores(cells.data(), declared, absl::MakeSpan(taken)),
              HasReason(Reason::kPluginBadOutput));
  cells = {-1.01, 0, 1};
  EXPECT_THAT(TakeScores(cells.data(), declared, absl::MakeSpan(taken)),
              HasReason(Reason::kPluginBadOutput));
}

TEST(OutputCheck, VerdictsNeedAKnownValueAndReason) {
  Manifest declared;
  declared.id = "x";
  declared.reasons = {"too far", "too high"};
  std::vector<uint8_t> verdicts(3);
  std::vector<uint16_t> reasons(3);
  auto take = [&](std::vector<uint8_t> v, std::vector<uint16_t> r) {
    return TakeVerdicts(v.data(), r.data(), declared, absl::MakeSpan(verdicts),
                        absl::MakeSpan(reasons));
  };
  EXPECT_TRUE(take({TANDEM_KEEP, TANDEM_DROP, TANDEM_DROP_FOR_GOOD}, {77, 1, 0}).ok());
  EXPECT_THAT(reasons, ::testing::ElementsAre(0, 1, 0)) << "a kept pair has no reason";
  EXPECT_FALSE(take({TANDEM_KEEP, TANDEM_UNWRITTEN, TANDEM_KEEP}, {0, 0, 0}).ok());
  EXPECT_FALSE(take({TANDEM_KEEP, 3, TANDEM_KEEP}, {0, 0, 0}).ok());
  EXPECT_FALSE(take({TANDEM_KEEP, TANDEM_DROP, TANDEM_KEEP}, {0, 2, 0}).ok());
}

}  // namespace
}  // namespace tandem::plugin
