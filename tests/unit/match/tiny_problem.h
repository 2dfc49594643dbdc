// SPDX-License-Identifier: Apache-2.0

// Assignment problems so small that every plan can be looked at, and what is then known about them
// without any cleverness. The reference that verifier, reach and greedy are held against.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "match/assign_problem.h"
#include "match/verifier.h"

namespace tandem::match {

// Units by pair.
using Units = std::vector<int64_t>;

// At most 3 needs × 3 offers and 7 pairs of up to 3 units; corridors over offers (each in at most
// one), reserves over needs (overlapping only when asked for) and kept pairs that fit their bounds.
AssignProblem TinyProblem(uint32_t seed, bool overlapping = false);

// Sum of units of a group's members.
int64_t SumOf(const AssignProblem& problem, const plugin::Group& group, const Units& units);
int64_t ScoreOf(const AssignProblem& problem, const Units& units);
// Within the room of every need and offer.
bool WithinRoom(const AssignProblem& problem, const Units& units);
bool KeepsFixed(const AssignProblem& problem, const Units& units);
// Minima and maxima of corridors (or reserves).
bool KeepsGroups(const AssignProblem& problem, bool corridors, const Units& units);
bool IsFeasible(const AssignProblem& problem, const Units& units);

std::vector<plugin::AssignedPair> AssignmentOf(const Units& units);
Units UnitsOf(const AssignProblem& problem, const std::vector<plugin::AssignedPair>& assignment);

// The best plan by a solver that proves it; nullopt when there is none.
std::optional<ClaimedPlan> SolveToProof(const AssignProblem& problem);

// Calls visit(units) for every plan within room that keeps what is fixed.
template <typename Visitor>
void ForEachPlan(const AssignProblem& problem, Visitor&& visit) {
  Units units(problem.n_pairs(), 0);
  std::vector<int64_t> need_left = problem.need_units, offer_left = problem.offer_units;
  std::vector<int64_t> least(problem.n_pairs(), 0);
  for (const plugin::FixedPair& fixed : problem.fixed) least[fixed.pair] = fixed.units;
  const std::vector<uint32_t> need_of = problem.NeedOfPair();
  auto place = [&](auto&& self, size_t pair) -> void {
    if (pair == units.size()) return visit(units);
    int64_t& need = need_left[need_of[pair]];
    int64_t& offer = offer_left[problem.offer[pair]];
    const int64_t most = std::min(need, offer);
    for (int64_t n = least[pair]; n <= most; ++n) {
      units[pair] = n;
      need -= n;
      offer -= n;
      self(self, pair + 1);
      need += n;
      offer += n;
    }
    units[pair] = 0;
  };
  place(place, 0);
}

// The best total over all feasible plans; nullopt when there is none.
inline std::optional<int64_t> BestByBruteForce(const AssignProblem& problem) {
  std::optional<int64_t> best;
  ForEachPlan(problem, [&](const Units& units) {
    if (IsFeasible(problem, units)) {
      best = std::max(best.value_or(0), ScoreOf(problem, units));
    }
  });
  return best;
}

}  // namespace tandem::match
