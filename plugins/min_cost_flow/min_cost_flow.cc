// SPDX-License-Identifier: Apache-2.0

// The solver plugin min-cost-flow: the assignment of greatest total score under needs, offers,
// corridors, reserves and fixed pairs, with potentials that prove it. Exact; takes no
// configuration.

#include <cstdint>
#include <string>
#include <vector>

#include "flow_network.h"
#include "group_tree.h"
#include "tandem_plugin.hpp"

namespace tandem::min_cost_flow {
namespace {

class MinCostFlow {
 public:
  static constexpr const char* kId = "min-cost-flow";
  static constexpr const char* kVersion = "1.0.0";

  void Assign(const tandem::Problem& in, tandem::Assignment& out) const {
    const tandem_problem& raw = in.raw();
    Problem problem;
    problem.n_needs = raw.pairs->n_needs;
    problem.n_offers = raw.pairs->n_offers;
    problem.n_pairs = raw.pairs->n_pairs;
    problem.row_start = raw.pairs->row_start;
    problem.offer = raw.pairs->offer;
    problem.score = raw.score;
    problem.need_units = raw.need_units;
    problem.offer_units = raw.offer_units;
    for (size_t i = 0; i < in.n_groups(); ++i) {
      const tandem_group& group = in.group(i);
      auto& side = group.side == TANDEM_SIDE_NEEDS ? problem.need_groups : problem.offer_groups;
      side.push_back({i, group.members, group.n_members, group.min_units, group.max_units});
    }
    for (size_t i = 0; i < in.n_fixed(); ++i) {
      problem.fixed_pair.push_back(in.fixed(i).pair);
      problem.fixed_units.push_back(in.fixed(i).units);
    }
    const GroupTree need_tree = Tree(problem.need_groups, problem.n_needs, "needs");
    const GroupTree offer_tree = Tree(problem.offer_groups, problem.n_offers, "offers");

    in.CheckStop();
    const Solution solution = Solve(problem, need_tree, offer_tree);
    switch (solution.outcome) {
      case Outcome::kInfeasible:
        out.Infeasible(solution.violated_group, solution.units_short, solution.detail);
      case Outcome::kOutOfRange:
        throw Error(TANDEM_OUT_OF_RANGE, "the sums of scores and units do not fit into 64 bits");
      case Outcome::kOptimal:
        break;
    }
    for (size_t i = 0; i < solution.pair.size(); ++i) out.Add(solution.pair[i], solution.units[i]);
    if (!solution.has_potentials) return;
    Copy(solution.need_potential, out.need_potential);
    Copy(solution.offer_potential, out.offer_potential);
    for (size_t g = 0; g < problem.need_groups.size(); ++g) {
      out.group_potential[problem.need_groups[g].index] = solution.need_group_potential[g];
    }
    for (size_t g = 0; g < problem.offer_groups.size(); ++g) {
      out.group_potential[problem.offer_groups[g].index] = solution.offer_group_potential[g];
    }
    out.CertifyOptimal();
  }

 private:
  static GroupTree Tree(const std::vector<Group>& groups, uint64_t n_rows, const char* side) {
    Overlap overlap;
    std::optional<GroupTree> tree = BuildGroupTree(groups, n_rows, &overlap);
    if (!tree) {
      throw Error(TANDEM_UNSUPPORTED, "groups " + std::to_string(overlap.first) + " and " +
                                          std::to_string(overlap.second) + " of " + side +
                                          " overlap and neither holds the other");
    }
    return *std::move(tree);
  }

  static void Copy(const std::vector<int64_t>& from, tandem::Span<int64_t> to) {
    for (size_t i = 0; i < from.size(); ++i) to[i] = from[i];
  }
};

}  // namespace
}  // namespace tandem::min_cost_flow

TANDEM_PLUGIN(tandem::min_cost_flow::MinCostFlow)
