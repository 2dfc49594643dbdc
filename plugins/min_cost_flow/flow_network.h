// SPDX-License-Identifier: Apache-2.0

// The assignment problem as a minimum-cost flow, solved by LEMON's network simplex:
//
//   source → [need group]* → need → offer → [offer group]* → sink
//   source → sink, the way past
//
// Bounds of needs, offers and groups lie on the arcs into or out of their nodes, the score of a
// pair is what its arc falls short of the best, and a fixed pair is that arc's lower bound. Pair
// arcs have no upper bound of their own, so that node potentials alone prove optimality (Ahuja,
// Magnanti, Orlin: Network Flows, 1993, section 9.3). Not thread-safe; one object solves one
// problem.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "group_tree.h"

namespace tandem::min_cost_flow {

// The problem, borrowed.
struct Problem {
  uint64_t n_needs = 0;
  uint64_t n_offers = 0;
  uint64_t n_pairs = 0;
  const uint64_t* row_start = nullptr;  // n_needs + 1
  const uint32_t* offer = nullptr;      // n_pairs
  const int64_t* score = nullptr;       // n_pairs, >= 0
  const int64_t* need_units = nullptr;
  const int64_t* offer_units = nullptr;
  std::vector<Group> need_groups;
  std::vector<Group> offer_groups;
  std::vector<uint64_t> fixed_pair;
  std::vector<int64_t> fixed_units;
};

enum class Outcome {
  kOptimal,
  // No assignment keeps every bound.
  kInfeasible,
  // Sums do not fit into 64 bits.
  kOutOfRange,
};

// The answer. Potentials follow the certificate convention of tandem_plugin.h.
struct Solution {
  Outcome outcome = Outcome::kInfeasible;
  std::vector<uint64_t> pair;
  std::vector<int64_t> units;
  int64_t objective = 0;
  // False when a potential does not fit into 64 bits.
  bool has_potentials = false;
  std::vector<int64_t> need_potential;
  std::vector<int64_t> offer_potential;
  std::vector<int64_t> need_group_potential;
  std::vector<int64_t> offer_group_potential;
  // kInfeasible: the group named, as a problem index, and the units short; UINT64_MAX when fixed
  // pairs alone already exceed a bound, and then `detail` says which.
  uint64_t violated_group = UINT64_MAX;
  int64_t units_short = 0;
  std::string detail;
};

// Solves the problem. The trees belong to problem.need_groups and problem.offer_groups.
Solution Solve(const Problem& problem, const GroupTree& need_tree, const GroupTree& offer_tree);

}  // namespace tandem::min_cost_flow
