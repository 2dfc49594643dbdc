// SPDX-License-Identifier: Apache-2.0

#include "group_tree.h"

#include <algorithm>
#include <numeric>

namespace tandem::min_cost_flow {

std::optional<GroupTree> BuildGroupTree(const std::vector<Group>& groups, uint64_t n_rows,
                                        Overlap* overlap) {
  GroupTree tree;
  tree.parent.assign(groups.size(), kRoot);
  tree.innermost.assign(n_rows, kRoot);
  tree.outer_first.resize(groups.size());
  std::iota(tree.outer_first.begin(), tree.outer_first.end(), 0U);
  // Larger sets first: when a set is placed, every set that could hold it is placed already. Its
  // members then lie in one and the same smallest set, or two sets overlap.
  std::stable_sort(tree.outer_first.begin(), tree.outer_first.end(), [&](uint32_t a, uint32_t b) {
    return groups[a].n_members > groups[b].n_members;
  });
  for (uint32_t g : tree.outer_first) {
    const Group& group = groups[g];
    if (group.n_members == 0) continue;
    const uint32_t holder = tree.innermost[group.members[0]];
    for (uint64_t i = 0; i < group.n_members; ++i) {
      uint32_t& innermost = tree.innermost[group.members[i]];
      if (innermost != holder) {
        const uint32_t other = innermost != kRoot ? innermost : holder;
        *overlap = {groups[other].index, group.index};
        return std::nullopt;
      }
      innermost = g;
    }
    tree.parent[g] = holder;
  }
  return tree;
}

}  // namespace tandem::min_cost_flow
