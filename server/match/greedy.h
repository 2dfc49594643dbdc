// SPDX-License-Identifier: Apache-2.0

// The server's own plain solvers. They never fail: what is fixed stays, maxima hold, and minima are
// met by starting from an assignment that meets them when the greedy one does not. They prove
// nothing about the total.
#pragma once

#include <cstdint>
#include <vector>

#include "match/assign_problem.h"

namespace tandem::match {

// Best score first; equal scores by need, then offer. When that misses a minimum of `problem`,
// starts from `start` (an assignment that meets them all, FindReach) instead and fills up.
std::vector<plugin::AssignedPair> SolveGreedy(const AssignProblem& problem,
                                              const std::vector<plugin::AssignedPair>& start);

// Whether `assignment` meets every minimum of the problem.
bool MeetsMinima(const AssignProblem& problem, const std::vector<plugin::AssignedPair>& assignment);

// First come, first served: needs by the time they were handed in (`need_order`, rows), each takes
// its best offers that are left. Fixed pairs and maxima hold, minima are not looked at.
std::vector<plugin::AssignedPair> SolveFirstCome(const AssignProblem& problem,
                                                 const std::vector<uint32_t>& need_order);

// Sum of score × units.
int64_t TotalScore(const AssignProblem& problem,
                   const std::vector<plugin::AssignedPair>& assignment);

}  // namespace tandem::match
