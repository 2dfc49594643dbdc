// SPDX-License-Identifier: Apache-2.0

// What can be reached, against every plan of tiny problems: which corridor is short and by how
// much, and how far each reserve gets. Each failure prints its seed.

#include "match/reachable.h"

#include <algorithm>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "tiny_problem.h"

namespace tandem::match {
namespace {

constexpr uint32_t kProblems = 4000;

// Every group as FindReach counts it: a need in several reserves counts for the first.
std::vector<plugin::Group> Counted(const AssignProblem& p) {
  std::vector<plugin::Group> groups = p.groups;
  std::vector<bool> taken(p.n_needs(), false);
  for (size_t g = 0; g < groups.size(); ++g) {
    if (p.labels[g].corridor) continue;
    std::erase_if(groups[g].members, [&](uint32_t need) { return taken[need]; });
    for (uint32_t need : groups[g].members) taken[need] = true;
  }
  return groups;
}

struct Truth {
  std::optional<size_t> short_group;
  int64_t units_short = 0;
  // By group; for reserves the best vector in the order of the profile, each at most its minimum.
  std::vector<int64_t> min_units;
};

// `least[g]` of the first `upto` corridors hold and no corridor is above its maximum.
bool CorridorsHold(const AssignProblem& p, const std::vector<plugin::Group>& groups, size_t upto,
                   const Units& units) {
  for (size_t g = 0; g < groups.size(); ++g) {
    if (!p.labels[g].corridor) continue;
    const int64_t sum = SumOf(p, groups[g], units);
    if (sum > groups[g].max_units || (g < upto && sum < groups[g].min_units)) return false;
  }
  return true;
}

Truth LookAtAll(const AssignProblem& p) {
  const std::vector<plugin::Group> groups = Counted(p);
  Truth truth;
  for (size_t g = 0; g < groups.size(); ++g) {
    if (!p.labels[g].corridor) continue;
    int64_t most = 0;
    ForEachPlan(p, [&](const Units& units) {
      if (CorridorsHold(p, groups, g, units)) most = std::max(most, SumOf(p, groups[g], units));
    });
    if (most < groups[g].min_units) {
      truth.short_group = g;
      truth.units_short = groups[g].min_units - most;
      return truth;
    }
  }
  ForEachPlan(p, [&](const Units& units) {
    if (!CorridorsHold(p, groups, groups.size(), units)) return;
    std::vector<int64_t> reached;
    for (size_t g = 0; g < groups.size(); ++g) {
      reached.push_back(p.labels[g].corridor
                            ? groups[g].min_units
                            : std::min(groups[g].min_units, SumOf(p, groups[g], units)));
    }
    truth.min_units = std::max(truth.min_units, reached);
  });
  return truth;
}

class Reachable : public ::testing::TestWithParam<bool> {};

TEST_P(Reachable, IsWhatSomePlanReaches) {
  int infeasible = 0, lowered = 0;
  for (uint32_t seed = 0; seed < kProblems; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const AssignProblem p = TinyProblem(seed, /*overlapping=*/GetParam());
    const Truth truth = LookAtAll(p);
    const std::optional<Reach> reach = FindReach(p);
    ASSERT_TRUE(reach);
    ASSERT_EQ(reach->short_group, truth.short_group);
    if (truth.short_group) {
      ASSERT_EQ(reach->units_short, truth.units_short);
      ++infeasible;
      continue;
    }
    ASSERT_EQ(reach->min_units, truth.min_units);
    // The assignment it hands over keeps its word.
    AssignProblem asked = p;
    for (size_t g = 0; g < asked.groups.size(); ++g) {
      if (asked.groups[g].min_units > reach->min_units[g]) ++lowered;
      asked.groups[g].min_units = reach->min_units[g];
    }
    ASSERT_TRUE(IsFeasible(asked, UnitsOf(p, reach->assignment)));
    ASSERT_TRUE(std::is_sorted(reach->assignment.begin(), reach->assignment.end(),
                               [](const auto& a, const auto& b) { return a.pair < b.pair; }));
  }
  EXPECT_GT(infeasible, 300);
  EXPECT_GT(lowered, 300);
}

INSTANTIATE_TEST_SUITE_P(Reserves, Reachable, ::testing::Bool(),
                         [](const auto& overlap) { return overlap.param ? "Overlap" : "Apart"; });

TEST(Reachable, StopsWhenCancelled) {
  const std::atomic<bool> cancelled{true};
  AssignProblem p = TinyProblem(1);
  for (uint32_t seed = 2; p.groups.empty() || p.groups[0].min_units == 0; ++seed) {
    p = TinyProblem(seed);
  }
  EXPECT_FALSE(FindReach(p, &cancelled));
}

}  // namespace
}  // namespace tandem::match
