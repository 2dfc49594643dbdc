// SPDX-License-Identifier: Apache-2.0

// The solver against brute force on thousands of small random problems, its certificate against a
// check written from the convention in tandem_plugin.h alone, and a published instance with a known
// optimum.

#include "flow_network.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace tandem::min_cost_flow {
namespace {

// A problem that owns its arrays.
struct Owned {
  std::vector<uint64_t> row_start = {0};
  std::vector<uint32_t> offer;
  std::vector<int64_t> score;
  std::vector<int64_t> need_units;
  std::vector<int64_t> offer_units;
  struct OwnedGroup {
    bool of_needs;
    std::vector<uint32_t> members;
    int64_t min_units;
    int64_t max_units;
  };
  std::vector<OwnedGroup> groups;
  std::vector<uint64_t> fixed_pair;
  std::vector<int64_t> fixed_units;

  void AddNeed(int64_t units, const std::vector<std::pair<uint32_t, int64_t>>& pairs) {
    need_units.push_back(units);
    for (const auto& [to, value] : pairs) {
      offer.push_back(to);
      score.push_back(value);
    }
    row_start.push_back(offer.size());
  }

  Problem View() const {
    Problem problem;
    problem.n_needs = need_units.size();
    problem.n_offers = offer_units.size();
    problem.n_pairs = offer.size();
    problem.row_start = row_start.data();
    problem.offer = offer.data();
    problem.score = score.data();
    problem.need_units = need_units.data();
    problem.offer_units = offer_units.data();
    for (size_t i = 0; i < groups.size(); ++i) {
      const OwnedGroup& group = groups[i];
      auto& side = group.of_needs ? problem.need_groups : problem.offer_groups;
      side.push_back(
          {i, group.members.data(), group.members.size(), group.min_units, group.max_units});
    }
    problem.fixed_pair = fixed_pair;
    problem.fixed_units = fixed_units;
    return problem;
  }

  size_t NeedOf(size_t pair) const {
    size_t need = 0;
    while (row_start[need + 1] <= pair) ++need;
    return need;
  }
};

Solution SolveOwned(const Owned& owned) {
  const Problem problem = owned.View();
  Overlap overlap;
  auto needs = BuildGroupTree(problem.need_groups, problem.n_needs, &overlap);
  auto offers = BuildGroupTree(problem.offer_groups, problem.n_offers, &overlap);
  EXPECT_TRUE(needs && offers);
  return Solve(problem, *needs, *offers);
}

bool Contains(const std::vector<uint32_t>& members, size_t row) {
  for (uint32_t member : members) {
    if (member == row) return true;
  }
  return false;
}

int64_t GroupUnits(const Owned& owned, const Owned::OwnedGroup& group,
                   const std::vector<int64_t>& units) {
  int64_t sum = 0;
  for (size_t p = 0; p < units.size(); ++p) {
    if (Contains(group.members, group.of_needs ? owned.NeedOf(p) : owned.offer[p])) sum += units[p];
  }
  return sum;
}

bool Feasible(const Owned& owned, const std::vector<int64_t>& units) {
  std::vector<int64_t> need(owned.need_units.size()), offer(owned.offer_units.size());
  for (size_t p = 0; p < units.size(); ++p) {
    need[owned.NeedOf(p)] += units[p];
    offer[owned.offer[p]] += units[p];
  }
  for (size_t n = 0; n < need.size(); ++n) {
    if (need[n] > owned.need_units[n]) return false;
  }
  for (size_t o = 0; o < offer.size(); ++o) {
    if (offer[o] > owned.offer_units[o]) return false;
  }
  for (const auto& group : owned.groups) {
    const int64_t sum = GroupUnits(owned, group, units);
    if (sum < group.min_units || sum > group.max_units) return false;
  }
  for (size_t i = 0; i < owned.fixed_pair.size(); ++i) {
    if (units[owned.fixed_pair[i]] < owned.fixed_units[i]) return false;
  }
  return true;
}

// The best objective by trying everything; -1 when nothing is feasible.
int64_t BruteForce(const Owned& owned) {
  std::vector<int64_t> units(owned.offer.size(), 0);
  int64_t best = -1;
  std::function<void(size_t)> go = [&](size_t p) {
    if (p == units.size()) {
      if (!Feasible(owned, units)) return;
      int64_t sum = 0;
      for (size_t i = 0; i < units.size(); ++i) sum += owned.score[i] * units[i];
      best = std::max(best, sum);
      return;
    }
    for (int64_t u = 0; u <= 2; ++u) {
      units[p] = u;
      go(p + 1);
    }
    units[p] = 0;
  };
  go(0);
  return best;
}

// The convention of tandem_plugin.h, word for word.
::testing::AssertionResult CertificateHolds(const Owned& owned, const Solution& s,
                                            const std::vector<int64_t>& units) {
  auto fail = [] { return ::testing::AssertionFailure(); };
  std::vector<int64_t> group_potential(owned.groups.size());
  size_t of_needs = 0, of_offers = 0;
  for (size_t g = 0; g < owned.groups.size(); ++g) {
    group_potential[g] = owned.groups[g].of_needs ? s.need_group_potential[of_needs++]
                                                  : s.offer_group_potential[of_offers++];
    const int64_t sum = GroupUnits(owned, owned.groups[g], units);
    if (group_potential[g] > 0 && sum != owned.groups[g].max_units)
      return fail() << "group " << g << " not at max";
    if (group_potential[g] < 0 && sum != owned.groups[g].min_units)
      return fail() << "group " << g << " not at min";
  }
  std::vector<int64_t> need(owned.need_units.size()), offer(owned.offer_units.size());
  for (size_t p = 0; p < units.size(); ++p) {
    const size_t n = owned.NeedOf(p);
    need[n] += units[p];
    offer[owned.offer[p]] += units[p];
    int64_t reduced = owned.score[p] - s.need_potential[n] - s.offer_potential[owned.offer[p]];
    for (size_t g = 0; g < owned.groups.size(); ++g) {
      if (Contains(owned.groups[g].members, owned.groups[g].of_needs ? n : owned.offer[p])) {
        reduced -= group_potential[g];
      }
    }
    int64_t fixed = 0;
    for (size_t i = 0; i < owned.fixed_pair.size(); ++i) {
      if (owned.fixed_pair[i] == p) fixed = owned.fixed_units[i];
    }
    if (reduced > 0) return fail() << "pair " << p << " reduced " << reduced;
    if (units[p] > fixed && reduced != 0)
      return fail() << "used pair " << p << " reduced " << reduced;
  }
  for (size_t n = 0; n < need.size(); ++n) {
    if (s.need_potential[n] < 0) return fail() << "need " << n << " negative";
    if (s.need_potential[n] > 0 && need[n] != owned.need_units[n])
      return fail() << "need " << n << " not full";
  }
  for (size_t o = 0; o < offer.size(); ++o) {
    if (s.offer_potential[o] < 0) return fail() << "offer " << o << " negative";
    if (s.offer_potential[o] > 0 && offer[o] != owned.offer_units[o])
      return fail() << "offer " << o << " not full";
  }
  return ::testing::AssertionSuccess();
}

std::vector<int64_t> UnitsOf(const Owned& owned, const Solution& solution) {
  std::vector<int64_t> units(owned.offer.size(), 0);
  for (size_t i = 0; i < solution.pair.size(); ++i) units[solution.pair[i]] = solution.units[i];
  return units;
}

Owned RandomProblem(std::mt19937_64* random) {
  auto below = [&](uint64_t n) { return static_cast<int64_t>((*random)() % n); };
  Owned owned;
  const int64_t offers = 1 + below(3);
  for (int64_t o = 0; o < offers; ++o) owned.offer_units.push_back(below(4));
  const int64_t needs = 1 + below(3);
  for (int64_t n = 0; n < needs; ++n) {
    std::vector<std::pair<uint32_t, int64_t>> pairs;
    for (int64_t o = 0; o < offers; ++o) {
      if (below(4) != 0)
        pairs.emplace_back(static_cast<uint32_t>(o), below(3) == 0 ? 0 : below(50));
    }
    owned.AddNeed(below(3), pairs);
  }
  auto bounds = [&](bool of_needs, std::vector<uint32_t> members) {
    const int64_t min_units = below(3) == 0 ? below(4) : 0;
    const int64_t max_units =
        below(2) == 0 ? std::numeric_limits<int64_t>::max() : min_units + below(3);
    owned.groups.push_back({of_needs, std::move(members), min_units, max_units});
  };
  for (bool of_needs : {true, false}) {
    const auto rows = static_cast<uint32_t>(of_needs ? needs : offers);
    if (below(2) == 0) bounds(of_needs, {0});
    if (rows > 1 && below(2) == 0) {
      std::vector<uint32_t> all;
      for (uint32_t i = 0; i < rows; ++i) all.push_back(i);
      bounds(of_needs, all);
    }
    if (rows > 2 && below(2) == 0) bounds(of_needs, {1, 2});
  }
  if (!owned.offer.empty() && below(3) == 0) {
    owned.fixed_pair.push_back(static_cast<uint64_t>(below(owned.offer.size())));
    owned.fixed_units.push_back(1);
  }
  return owned;
}

TEST(FlowNetwork, AgreesWithBruteForceAndProvesIt) {
  std::mt19937_64 random(20261);
  int feasible = 0;
  int infeasible = 0;
  for (int round = 0; round < 3000; ++round) {
    const Owned owned = RandomProblem(&random);
    const int64_t best = BruteForce(owned);
    const Solution solution = SolveOwned(owned);
    if (best < 0) {
      ++infeasible;
      ASSERT_EQ(solution.outcome, Outcome::kInfeasible) << "round " << round;
      ASSERT_GE(solution.units_short, 1) << "round " << round << ": " << solution.detail;
      continue;
    }
    ++feasible;
    ASSERT_EQ(solution.outcome, Outcome::kOptimal) << "round " << round << ": " << solution.detail;
    const std::vector<int64_t> units = UnitsOf(owned, solution);
    ASSERT_TRUE(Feasible(owned, units)) << "round " << round;
    ASSERT_EQ(solution.objective, best) << "round " << round;
    ASSERT_TRUE(solution.has_potentials);
    ASSERT_TRUE(CertificateHolds(owned, solution, units)) << "round " << round;
  }
  // The generator must reach both sides, or the test proves nothing.
  EXPECT_GT(feasible, 500);
  EXPECT_GT(infeasible, 200);
}

TEST(FlowNetwork, SolvesThePublishedInstance) {
  std::ifstream in(std::string(ASSIGNMENT_DIR) + "/assign100.txt");
  size_t n = 0;
  ASSERT_TRUE(in >> n);
  constexpr int64_t kTop = 1000;
  Owned owned;
  owned.offer_units.assign(n, 1);
  for (size_t i = 0; i < n; ++i) {
    std::vector<std::pair<uint32_t, int64_t>> pairs;
    for (size_t j = 0; j < n; ++j) {
      int64_t cost = 0;
      ASSERT_TRUE(in >> cost);
      pairs.emplace_back(static_cast<uint32_t>(j), kTop - cost);
    }
    owned.AddNeed(1, pairs);
  }
  const Solution solution = SolveOwned(owned);
  ASSERT_EQ(solution.outcome, Outcome::kOptimal);
  EXPECT_EQ(solution.pair.size(), n);
  EXPECT_EQ(static_cast<int64_t>(n) * kTop - solution.objective, 305);
  EXPECT_TRUE(CertificateHolds(owned, solution, UnitsOf(owned, solution)));
}

TEST(FlowNetwork, NamesTheGroupThatCannotBeFilled) {
  Owned owned;
  owned.offer_units = {2, 5};
  owned.AddNeed(3, {{0, 10}, {1, 20}});
  owned.groups.push_back({false, {0}, 0, 1});
  owned.groups.push_back({false, {1}, 4, 6});
  const Solution solution = SolveOwned(owned);
  EXPECT_EQ(solution.outcome, Outcome::kInfeasible);
  EXPECT_EQ(solution.violated_group, 1U);
  EXPECT_EQ(solution.units_short, 1);
}

TEST(FlowNetwork, TakesScoresUpToTheTopOfTheRange) {
  constexpr int64_t kTop = std::numeric_limits<int64_t>::max();
  Owned owned;
  owned.offer_units = {1, 1};
  owned.AddNeed(1, {{0, kTop}, {1, kTop - 1}});
  Solution solution = SolveOwned(owned);
  EXPECT_EQ(solution.outcome, Outcome::kOptimal);
  EXPECT_EQ(solution.objective, kTop);
  EXPECT_TRUE(CertificateHolds(owned, solution, UnitsOf(owned, solution)));
  owned.AddNeed(1, {{1, 1}});
  solution = SolveOwned(owned);
  EXPECT_EQ(solution.outcome, Outcome::kOutOfRange)
      << "the best total is one more than 64 bits hold";
}

TEST(GroupTree, RefusesGroupsThatOverlap) {
  const std::vector<uint32_t> a = {0, 1};
  const std::vector<uint32_t> b = {1, 2};
  const std::vector<Group> groups = {{7, a.data(), 2, 0, 1}, {9, b.data(), 2, 0, 1}};
  Overlap overlap;
  EXPECT_FALSE(BuildGroupTree(groups, 3, &overlap));
  EXPECT_EQ(overlap.first, 7U);
  EXPECT_EQ(overlap.second, 9U);
}

}  // namespace
}  // namespace tandem::min_cost_flow
