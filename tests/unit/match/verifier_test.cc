// SPDX-License-Identifier: Apache-2.0

// The verifier must refuse whatever is wrong and pass whatever is right: plans of tiny problems
// whose every alternative is known, changed in every way, with the very check that has to notice.
// Each failure prints its seed.

#include "match/verifier.h"

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "sample_round.h"
#include "support/status_matchers.h"
#include "tiny_problem.h"

namespace tandem::match {
namespace {

constexpr uint32_t kProblems = 1500;

std::set<std::string> Refused(const v1::VerifyReport& report) {
  std::set<std::string> refused;
  for (const v1::VerifyCheck& check : report.checks()) {
    if (!check.holds()) refused.insert(check.check());
    EXPECT_FALSE(check.detail().empty()) << check.check();
  }
  EXPECT_EQ(report.verified(), refused.empty());
  return refused;
}

// What must be refused, by the plain meaning of each check.
std::set<std::string> MustRefuse(const AssignProblem& p, const Units& units, int64_t objective,
                                 bool proven, int64_t best) {
  std::set<std::string> wrong;
  bool positive = true;
  for (int64_t n : units) positive = positive && n >= 0;
  if (!WithinRoom(p, units) || !positive) wrong.insert("slots");
  if (!KeepsGroups(p, true, units)) wrong.insert("corridors");
  if (!KeepsGroups(p, false, units)) wrong.insert("reserves");
  if (!KeepsFixed(p, units)) wrong.insert("fixed");
  if (ScoreOf(p, units) != objective) wrong.insert("objective");
  // Of a plan that keeps every bound the certificate holds exactly when no other has more. Of one
  // that breaks some it says nothing that matters.
  if (proven && wrong.empty() && objective != best) wrong.insert("certificate");
  return wrong;
}

TEST(Verifier, PassesTheBestPlanAndOnlyThat) {
  int passed = 0, refused = 0;
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const AssignProblem p = TinyProblem(seed);
    const std::optional<int64_t> best = BestByBruteForce(p);
    const std::optional<ClaimedPlan> plan = SolveToProof(p);
    ASSERT_EQ(plan.has_value(), best.has_value());
    if (!plan) continue;
    ASSERT_EQ(plan->objective, *best);
    ASSERT_THAT(Refused(VerifyPlan(p, *plan)), ::testing::IsEmpty());
    ForEachPlan(p, [&](const Units& units) {
      ClaimedPlan other = {AssignmentOf(units), ScoreOf(p, units), plan->potentials};
      std::set<std::string> found = Refused(VerifyPlan(p, other));
      const std::set<std::string> must = MustRefuse(p, units, other.objective, true, *best);
      if (!must.contains("certificate") && !must.empty()) found.erase("certificate");
      ASSERT_EQ(found, must);
      (must.empty() ? passed : refused) += 1;
    });
    if (HasFailure()) return;
  }
  EXPECT_GT(passed, 500);
  EXPECT_GT(refused, 2000);
}

TEST(Verifier, NamesEveryChangeOfARightPlan) {
  std::map<std::string, int> noticed;
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const AssignProblem p = TinyProblem(seed);
    const std::optional<ClaimedPlan> plan = SolveToProof(p);
    if (!plan || p.n_pairs() == 0) continue;
    const Units right = UnitsOf(p, plan->assignment);
    // A unit more or less anywhere, one pair's units moved to another, without a proof.
    for (size_t pair = 0; pair < right.size(); ++pair) {
      for (int64_t by : {-2, -1, 1, 4}) {
        Units units = right;
        units[pair] += by;
        for (int64_t claimed : {plan->objective, ScoreOf(p, units)}) {
          const auto must = MustRefuse(p, units, claimed, false, 0);
          ASSERT_EQ(Refused(VerifyPlan(p, {AssignmentOf(units), claimed, std::nullopt})), must);
          for (const std::string& check : must) ++noticed[check];
        }
      }
    }
    for (int64_t by : {-1, 1}) {
      EXPECT_THAT(Refused(VerifyPlan(p, {plan->assignment, plan->objective + by, std::nullopt})),
                  ::testing::ElementsAre("objective"));
    }
    // Lines that no honest solver writes.
    ClaimedPlan beyond = *plan;
    beyond.assignment.push_back({p.n_pairs(), 1});
    EXPECT_TRUE(Refused(VerifyPlan(p, beyond)).contains("slots"));
    beyond.assignment.back().pair = ~uint64_t{0};
    EXPECT_TRUE(Refused(VerifyPlan(p, beyond)).contains("slots"));
    ClaimedPlan nothing = *plan;
    nothing.assignment.push_back({0, 0});
    EXPECT_TRUE(Refused(VerifyPlan(p, nothing)).contains("slots"));
    if (!plan->assignment.empty()) {
      ClaimedPlan split = *plan;
      split.assignment.push_back(split.assignment.front());
      split.assignment.back().units = 0;
      EXPECT_TRUE(Refused(VerifyPlan(p, split)).contains("slots"));
    }
    if (HasFailure()) return;
  }
  for (const char* check : {"slots", "corridors", "reserves", "fixed", "objective"}) {
    EXPECT_GT(noticed[check], 50) << check;
  }
}

TEST(Verifier, TakesNoFalseProof) {
  std::mt19937 random(11);
  int tried = 0;
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const AssignProblem p = TinyProblem(seed);
    const std::optional<ClaimedPlan> plan = SolveToProof(p);
    if (!plan) continue;
    // Any potentials: either refused, or the plan they are given with is best.
    ForEachPlan(p, [&](const Units& units) {
      if (!IsFeasible(p, units) || ScoreOf(p, units) == plan->objective) return;
      plugin::Potentials false_proof = *plan->potentials;
      for (auto* side : {&false_proof.need, &false_proof.offer, &false_proof.group}) {
        for (int64_t& potential : *side) {
          const int64_t by = static_cast<int64_t>(random() % 41) - 20;
          if (random() % 2 == 0) potential += by;
        }
      }
      ++tried;
      EXPECT_THAT(Refused(VerifyPlan(p, {AssignmentOf(units), ScoreOf(p, units), false_proof})),
                  ::testing::ElementsAre("certificate"));
    });
    // Sizes, signs and prices of what is not scarce.
    ClaimedPlan changed = *plan;
    changed.potentials->need.push_back(0);
    EXPECT_THAT(Refused(VerifyPlan(p, changed)), ::testing::ElementsAre("certificate"));
    changed = *plan;
    changed.potentials->offer.pop_back();
    EXPECT_THAT(Refused(VerifyPlan(p, changed)), ::testing::ElementsAre("certificate"));
    changed = *plan;
    changed.potentials->group.push_back(0);
    EXPECT_THAT(Refused(VerifyPlan(p, changed)), ::testing::ElementsAre("certificate"));
    changed = *plan;
    changed.potentials->need[0] = -1;
    EXPECT_THAT(Refused(VerifyPlan(p, changed)), ::testing::ElementsAre("certificate"));
    changed = *plan;
    changed.potentials->offer[0] = std::numeric_limits<int64_t>::max();
    const bool full = p.offer_units[0] == 0;
    if (!full && changed.assignment.empty()) {
      EXPECT_THAT(Refused(VerifyPlan(p, changed)), ::testing::ElementsAre("certificate"));
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(tried, 1500);
}

TEST(Verifier, SumsBeyond64BitsAreExact) {
  AssignProblem p;
  p.row_start = {0, 2};
  p.offer = {0, 1};
  p.score = {1'000'000, 1'000'000};
  constexpr int64_t kHuge = std::numeric_limits<int64_t>::max();
  p.need_units = {kHuge};
  p.offer_units = {kHuge, kHuge};
  // Twice the largest number wraps to -2: within room for who adds in 64 bits.
  EXPECT_TRUE(
      Refused(VerifyPlan(p, {{{0, kHuge}, {1, kHuge}}, 0, std::nullopt})).contains("slots"));
  // The total wraps too: 2^58 × 1,000,000 = 2^64 × 15625 is 0 in 64 bits.
  EXPECT_THAT(Refused(VerifyPlan(p, {{{0, int64_t{1} << 58}}, 0, std::nullopt})),
              ::testing::ElementsAre("objective"));
}

TEST(Verifier, JudgesEveryPairByTheRecords) {
  SampleRound round = OnePairRound();
  AssignProblem p;
  p.row_start = {0, 1};
  p.offer = {0};
  p.score = {5};
  p.need_units = {2};
  p.offer_units = {2};
  const ClaimedPlan plan = {{{0, 2}}, 10, std::nullopt};
  const RowNames names = {{"needs/n"}, {"offers/o"}};
  for (bool refuses : {false, true}) {
    if (refuses) round.needs[0].add_refused_agencies("agencies/helper");
    const auto source = round.Source();
    PairRules rules(source.get(), &round.profile.hard_rules(), kRoundName, kDay);
    v1::VerifyReport report = VerifyPlan(p, plan);
    ASSERT_THAT(VerifyRules(p, plan, names, &rules, &report), support::IsOk());
    EXPECT_EQ(report.verified(), !refuses);
    EXPECT_EQ(report.checks().rbegin()->check(), "rules");
    if (refuses) {
      EXPECT_EQ(report.checks().rbegin()->detail(), "needs/n with offers/o breaks AGENCY_REFUSED");
    }
  }
}

}  // namespace
}  // namespace tandem::match
