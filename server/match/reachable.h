// SPDX-License-Identifier: Apache-2.0

// Which minima can be met at all. Corridor minima are hard: one that can't be met makes a run
// infeasible, and it is named with the slots short. Reserve minima give way to what candidates and
// room allow, reserves in the profile's order. A plain maximum flow of the server's own: it decides
// feasibility without asking a plugin.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "match/assign_problem.h"

namespace tandem::match {

struct Reach {
  // A corridor (index into groups) whose minimum can't be met together with those before it, and
  // the units missing. None: feasible with the minima below.
  std::optional<size_t> short_group;
  int64_t units_short = 0;
  // By group: the minimum asked for, lowered to what was reached. A need in several reserves counts
  // for the first of them, so what overlapping reserves reach may be understated, never overstated.
  std::vector<int64_t> min_units;
  // An assignment that meets all of that, scores not considered; ascending by pair, fixed pairs
  // included.
  std::vector<plugin::AssignedPair> assignment;
};

// nullopt when cancelled. `cancelled` may be null.
std::optional<Reach> FindReach(const AssignProblem& problem,
                               const std::atomic<bool>* cancelled = nullptr);

}  // namespace tandem::match
