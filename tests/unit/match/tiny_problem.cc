// SPDX-License-Identifier: Apache-2.0

#include "tiny_problem.h"

#include <utility>

#include "flow_network.h"
#include "model/absl_strings.h"

namespace tandem::match {
namespace {

// Splits the rows of a side into `parts` groups, some rows into none.
void AddGroups(std::mt19937* random, bool corridor, int parts, size_t rows, bool overlapping,
               AssignProblem* problem) {
  std::vector<plugin::Group> groups(static_cast<size_t>(parts));
  for (plugin::Group& group : groups) {
    group.side = corridor ? plugin::Side::kOffers : plugin::Side::kNeeds;
  }
  for (uint32_t row = 0; row < rows && parts > 0; ++row) {
    const size_t first = (*random)() % (groups.size() + 1);
    for (size_t g = 0; g < groups.size(); ++g) {
      if (g == first || (overlapping && (*random)() % 2 == 0)) groups[g].members.push_back(row);
    }
  }
  for (size_t g = 0; g < groups.size(); ++g) {
    groups[g].min_units = (*random)() % 4;
    if (corridor && (*random)() % 2 == 0) {
      groups[g].max_units = groups[g].min_units + static_cast<int64_t>((*random)() % 3);
    }
    GroupLabel label;
    label.corridor = corridor;
    label.index = static_cast<uint32_t>(g);
    label.id = StrCat(corridor ? "corridor-" : "reserve-", g);
    label.asked_min = groups[g].min_units;
    problem->labels.push_back(label);
    problem->groups.push_back(std::move(groups[g]));
  }
}

}  // namespace

AssignProblem TinyProblem(uint32_t seed, bool overlapping) {
  std::mt19937 random(seed);
  AssignProblem p;
  const size_t needs = 1 + random() % 3, offers = 1 + random() % 3;
  p.row_start.push_back(0);
  for (size_t n = 0; n < needs; ++n) {
    for (uint32_t o = 0; o < offers; ++o) {
      if (p.offer.size() == 7 || random() % 4 == 0) continue;
      p.offer.push_back(o);
      p.score.push_back(random() % 5 == 0 ? 0 : static_cast<int64_t>(random() % 100));
    }
    p.row_start.push_back(p.offer.size());
    p.need_units.push_back(static_cast<int64_t>(random() % 4));
  }
  for (size_t o = 0; o < offers; ++o) p.offer_units.push_back(static_cast<int64_t>(random() % 4));
  AddGroups(&random, true, static_cast<int>(random() % 3), offers, false, &p);
  AddGroups(&random, false, static_cast<int>(random() % 3), needs, overlapping, &p);
  if (p.n_pairs() > 0 && random() % 3 == 0) {
    Units units(p.n_pairs(), 0);
    const uint64_t pair = random() % p.n_pairs();
    units[pair] = 1;
    bool fits = WithinRoom(p, units);
    for (const plugin::Group& group : p.groups) {
      fits = fits && SumOf(p, group, units) <= group.max_units;
    }
    if (fits) p.fixed.push_back({pair, 1});
  }
  return p;
}

int64_t SumOf(const AssignProblem& problem, const plugin::Group& group, const Units& units) {
  const std::vector<uint32_t> need_of = problem.NeedOfPair();
  int64_t sum = 0;
  for (size_t pair = 0; pair < units.size(); ++pair) {
    const uint32_t row = group.side == plugin::Side::kOffers ? problem.offer[pair] : need_of[pair];
    for (uint32_t member : group.members) {
      if (member == row) sum += units[pair];
    }
  }
  return sum;
}

int64_t ScoreOf(const AssignProblem& problem, const Units& units) {
  int64_t sum = 0;
  for (size_t pair = 0; pair < units.size(); ++pair) sum += units[pair] * problem.score[pair];
  return sum;
}

bool WithinRoom(const AssignProblem& problem, const Units& units) {
  std::vector<int64_t> need(problem.n_needs(), 0), offer(problem.n_offers(), 0);
  const std::vector<uint32_t> need_of = problem.NeedOfPair();
  for (size_t pair = 0; pair < units.size(); ++pair) {
    need[need_of[pair]] += units[pair];
    offer[problem.offer[pair]] += units[pair];
  }
  for (size_t n = 0; n < need.size(); ++n) {
    if (need[n] > problem.need_units[n]) return false;
  }
  for (size_t o = 0; o < offer.size(); ++o) {
    if (offer[o] > problem.offer_units[o]) return false;
  }
  return true;
}

bool KeepsFixed(const AssignProblem& problem, const Units& units) {
  return std::all_of(problem.fixed.begin(), problem.fixed.end(),
                     [&](const auto& fixed) { return units[fixed.pair] >= fixed.units; });
}

bool KeepsGroups(const AssignProblem& problem, bool corridors, const Units& units) {
  for (size_t g = 0; g < problem.groups.size(); ++g) {
    if (problem.labels[g].corridor != corridors) continue;
    const int64_t sum = SumOf(problem, problem.groups[g], units);
    if (sum < problem.groups[g].min_units || sum > problem.groups[g].max_units) return false;
  }
  return true;
}

bool IsFeasible(const AssignProblem& problem, const Units& units) {
  return WithinRoom(problem, units) && KeepsFixed(problem, units) &&
         KeepsGroups(problem, true, units) && KeepsGroups(problem, false, units);
}

std::vector<plugin::AssignedPair> AssignmentOf(const Units& units) {
  std::vector<plugin::AssignedPair> assignment;
  for (uint64_t pair = 0; pair < units.size(); ++pair) {
    if (units[pair] != 0) assignment.push_back({pair, units[pair]});
  }
  return assignment;
}

Units UnitsOf(const AssignProblem& problem, const std::vector<plugin::AssignedPair>& assignment) {
  Units units(problem.n_pairs(), 0);
  for (const plugin::AssignedPair& line : assignment) units[line.pair] += line.units;
  return units;
}

std::optional<ClaimedPlan> SolveToProof(const AssignProblem& p) {
  min_cost_flow::Problem flow;
  flow.n_needs = p.n_needs();
  flow.n_offers = p.n_offers();
  flow.n_pairs = p.n_pairs();
  flow.row_start = p.row_start.data();
  flow.offer = p.offer.data();
  flow.score = p.score.data();
  flow.need_units = p.need_units.data();
  flow.offer_units = p.offer_units.data();
  for (size_t g = 0; g < p.groups.size(); ++g) {
    const plugin::Group& group = p.groups[g];
    auto& side = group.side == plugin::Side::kOffers ? flow.offer_groups : flow.need_groups;
    side.push_back(
        {g, group.members.data(), group.members.size(), group.min_units, group.max_units});
  }
  for (const plugin::FixedPair& fixed : p.fixed) {
    flow.fixed_pair.push_back(fixed.pair);
    flow.fixed_units.push_back(fixed.units);
  }
  min_cost_flow::Overlap overlap;
  const auto needs = min_cost_flow::BuildGroupTree(flow.need_groups, p.n_needs(), &overlap);
  const auto offers = min_cost_flow::BuildGroupTree(flow.offer_groups, p.n_offers(), &overlap);
  if (!needs || !offers) return std::nullopt;
  const min_cost_flow::Solution solved = min_cost_flow::Solve(flow, *needs, *offers);
  if (solved.outcome != min_cost_flow::Outcome::kOptimal) return std::nullopt;
  ClaimedPlan plan;
  for (size_t i = 0; i < solved.pair.size(); ++i) {
    plan.assignment.push_back({solved.pair[i], solved.units[i]});
  }
  plan.objective = solved.objective;
  plan.potentials = plugin::Potentials{solved.need_potential, solved.offer_potential,
                                       std::vector<int64_t>(p.groups.size(), 0)};
  for (size_t i = 0; i < flow.need_groups.size(); ++i) {
    plan.potentials->group[flow.need_groups[i].index] = solved.need_group_potential[i];
  }
  for (size_t i = 0; i < flow.offer_groups.size(); ++i) {
    plan.potentials->group[flow.offer_groups[i].index] = solved.offer_group_potential[i];
  }
  return plan;
}

}  // namespace tandem::match
