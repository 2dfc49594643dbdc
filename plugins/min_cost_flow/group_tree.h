// SPDX-License-Identifier: Apache-2.0

// Orders the groups of one side (needs or offers) into a tree, so that a flow network can carry
// their bounds on arcs. That works exactly when any two groups are disjoint or one holds the other
// (a laminar family); overlapping groups make the problem NP-hard and are refused.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tandem::min_cost_flow {

// One group as the solver needs it.
struct Group {
  // Index in the problem.
  uint64_t index = 0;
  // Member rows, strictly ascending.
  const uint32_t* members = nullptr;
  uint64_t n_members = 0;
  int64_t min_units = 0;
  int64_t max_units = 0;
};

// No enclosing group: the row or group hangs at the root.
inline constexpr uint32_t kRoot = UINT32_MAX;

struct GroupTree {
  // For each group, the smallest group that holds it, as a position in the list; kRoot at the top.
  std::vector<uint32_t> parent;
  // For each row, the smallest group that holds it; kRoot for none.
  std::vector<uint32_t> innermost;
  // The groups, enclosing ones first.
  std::vector<uint32_t> outer_first;
};

// Two groups that overlap without one holding the other, as problem indexes.
struct Overlap {
  uint64_t first = 0;
  uint64_t second = 0;
};

// Builds the tree over `n_rows` rows in time linear in the sum of the group sizes. On overlap
// returns nullopt and fills *overlap.
std::optional<GroupTree> BuildGroupTree(const std::vector<Group>& groups, uint64_t n_rows,
                                        Overlap* overlap);

}  // namespace tandem::min_cost_flow
