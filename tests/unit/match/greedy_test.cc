// SPDX-License-Identifier: Apache-2.0

// The server's plain solvers against the simplest way to write them: look for the next best pair
// again and again, one unit at a time. Each failure prints its seed.

#include "match/greedy.h"

#include <algorithm>
#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/reachable.h"
#include "model/absl_strings.h"
#include "tiny_problem.h"

namespace tandem::match {
namespace {

constexpr uint32_t kProblems = 3000;

bool BelowMaxima(const AssignProblem& p, const Units& units) {
  return std::all_of(p.groups.begin(), p.groups.end(), [&](const plugin::Group& group) {
    return SumOf(p, group, units) <= group.max_units;
  });
}

// Adds units to the pair until something is full.
void Fill(const AssignProblem& p, size_t pair, Units* units) {
  for (;;) {
    ++(*units)[pair];
    if (!WithinRoom(p, *units) || !BelowMaxima(p, *units)) {
      --(*units)[pair];
      return;
    }
  }
}

Units Fixed(const AssignProblem& p) {
  Units units(p.n_pairs(), 0);
  for (const plugin::FixedPair& fixed : p.fixed) units[fixed.pair] = fixed.units;
  return units;
}

// Fills the pairs of `pairs`, the best score first, the first among equals.
void FillBestFirst(const AssignProblem& p, std::vector<size_t> pairs, Units* units) {
  while (!pairs.empty()) {
    auto best = pairs.begin();
    for (auto at = pairs.begin(); at != pairs.end(); ++at) {
      if (p.score[*at] > p.score[*best]) best = at;
    }
    Fill(p, *best, units);
    pairs.erase(best);
  }
}

std::vector<size_t> PairsOf(const AssignProblem& p, size_t need) {
  std::vector<size_t> pairs;
  for (uint64_t pair = p.row_start[need]; pair < p.row_start[need + 1]; ++pair) {
    pairs.push_back(pair);
  }
  return pairs;
}

TEST(Greedy, TakesTheBestPairThatStillFits) {
  int from_start = 0;
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    AssignProblem p = TinyProblem(seed);
    const std::optional<Reach> reach = FindReach(p);
    if (reach->short_group) continue;
    for (size_t g = 0; g < p.groups.size(); ++g) p.groups[g].min_units = reach->min_units[g];
    std::vector<size_t> all;
    for (size_t pair = 0; pair < p.n_pairs(); ++pair) all.push_back(pair);
    Units naive = Fixed(p);
    FillBestFirst(p, all, &naive);
    if (!IsFeasible(p, naive)) {
      ++from_start;
      naive = UnitsOf(p, reach->assignment);
      FillBestFirst(p, all, &naive);
    }
    const std::vector<plugin::AssignedPair> plan = SolveGreedy(p, reach->assignment);
    ASSERT_EQ(UnitsOf(p, plan), naive);
    ASSERT_TRUE(IsFeasible(p, naive));
    ASSERT_TRUE(MeetsMinima(p, plan));
    ASSERT_EQ(TotalScore(p, plan), ScoreOf(p, naive));
  }
  EXPECT_GT(from_start, 40);
}

TEST(Greedy, FirstComeServesNeedByNeed) {
  std::mt19937 random(5);
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const AssignProblem p = TinyProblem(seed);
    std::vector<uint32_t> order;
    for (uint32_t need = 0; need < p.n_needs(); ++need) order.push_back(need);
    std::shuffle(order.begin(), order.end(), random);
    Units naive = Fixed(p);
    for (uint32_t need : order) FillBestFirst(p, PairsOf(p, need), &naive);
    const Units plan = UnitsOf(p, SolveFirstCome(p, order));
    ASSERT_EQ(plan, naive);
    ASSERT_TRUE(WithinRoom(p, plan) && KeepsFixed(p, plan) && BelowMaxima(p, plan));
  }
}

TEST(Greedy, MinimaAreMetOrNot) {
  int met = 0, missed = 0;
  for (uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const AssignProblem p = TinyProblem(seed);
    ForEachPlan(p, [&](const Units& units) {
      const bool truth = std::all_of(
          p.groups.begin(), p.groups.end(),
          [&](const plugin::Group& group) { return SumOf(p, group, units) >= group.min_units; });
      ASSERT_EQ(MeetsMinima(p, AssignmentOf(units)), truth);
      (truth ? met : missed) += 1;
    });
  }
  EXPECT_GT(met, 100);
  EXPECT_GT(missed, 100);
}

}  // namespace
}  // namespace tandem::match
