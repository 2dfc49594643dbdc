// SPDX-License-Identifier: Apache-2.0

#include "flow_network.h"

#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

#include <algorithm>
#include <limits>
#include <utility>

namespace tandem::min_cost_flow {
namespace {

using Graph = lemon::StaticDigraph;
__extension__ typedef __int128 Wide;

constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();

// A group whose maximum is "none" still gets a finite bound nowhere: LEMON reads kNoLimit as
// infinite.
struct Arc {
  int source;
  int target;
  int64_t lower;
  int64_t upper;
};

// Node numbers: source, need groups, needs, offers, offer groups, sink. Arcs are listed by
// ascending source, as StaticDigraph wants them; the pairs of all needs are one run of arcs in pair
// order.
class Network {
 public:
  Network(const Problem& problem, const GroupTree& need_tree, const GroupTree& offer_tree)
      : problem_(problem), need_tree_(need_tree), offer_tree_(offer_tree) {
    first_need_group_ = 1;
    first_need_ = first_need_group_ + static_cast<int>(problem.need_groups.size());
    first_offer_ = first_need_ + static_cast<int>(problem.n_needs);
    first_offer_group_ = first_offer_ + static_cast<int>(problem.n_offers);
    sink_ = first_offer_group_ + static_cast<int>(problem.offer_groups.size());
    ListArcs();
  }

  int node_count() const { return sink_ + 1; }
  int source() const { return 0; }
  int sink() const { return sink_; }
  int need_node(uint64_t need) const { return first_need_ + static_cast<int>(need); }
  int offer_node(uint64_t offer) const { return first_offer_ + static_cast<int>(offer); }
  int need_group_node(uint32_t group) const {
    return group == kRoot ? source() : first_need_group_ + static_cast<int>(group);
  }
  int offer_group_node(uint32_t group) const {
    return group == kRoot ? sink() : first_offer_group_ + static_cast<int>(group);
  }
  // Arc ids.
  size_t first_pair_arc() const { return first_pair_arc_; }
  size_t need_group_arc(size_t group) const { return need_group_arc_[group]; }
  size_t offer_group_arc(size_t group) const { return offer_group_arc_[group]; }
  // What flows from source to sink: one unit more than all needs hold, so that some always takes
  // the way past and the potentials of source and sink differ by exactly its cost.
  int64_t supply() const {
    int64_t sum = 1;
    for (uint64_t n = 0; n < problem_.n_needs; ++n) sum += problem_.need_units[n];
    return sum;
  }

  // Sets the bounds of every arc. With `elastic`, minima of groups are left out (their arcs have
  // no lower bound); fixed pairs stay.
  void SetBounds(bool elastic, Graph::ArcMap<int64_t>* lower, Graph::ArcMap<int64_t>* upper) const {
    for (size_t a = 0; a < arcs_.size(); ++a) {
      const Graph::Arc arc = Graph::arcFromId(static_cast<int>(a));
      (*lower)[arc] = elastic && !IsPairArc(a) ? 0 : arcs_[a].lower;
      (*upper)[arc] = arcs_[a].upper;
    }
  }

  // Source and target of every arc, for StaticDigraph::build.
  std::vector<std::pair<int, int>> Ends() const {
    std::vector<std::pair<int, int>> ends;
    ends.reserve(arcs_.size());
    for (const Arc& arc : arcs_) ends.emplace_back(arc.source, arc.target);
    return ends;
  }

 private:
  bool IsPairArc(size_t arc) const {
    return arc >= first_pair_arc_ && arc < first_pair_arc_ + problem_.n_pairs;
  }

  void ListArcs() {
    arcs_.reserve(problem_.n_pairs + problem_.n_needs + problem_.n_offers +
                  problem_.need_groups.size() + problem_.offer_groups.size() + 1);
    need_group_arc_.assign(problem_.need_groups.size(), 0);
    offer_group_arc_.assign(problem_.offer_groups.size(), 0);
    // Children of the source and of each need group, by their parent's node.
    std::vector<std::vector<Arc>> below(problem_.need_groups.size() + 1);
    std::vector<std::vector<uint32_t>> group_below(problem_.need_groups.size() + 1);
    auto slot = [](uint32_t parent) { return parent == kRoot ? size_t{0} : size_t{parent} + 1; };
    for (uint32_t g = 0; g < problem_.need_groups.size(); ++g) {
      group_below[slot(need_tree_.parent[g])].push_back(g);
    }
    for (uint64_t n = 0; n < problem_.n_needs; ++n) {
      const uint32_t parent = need_tree_.innermost[n];
      below[slot(parent)].push_back(
          {need_group_node(parent), need_node(n), 0, problem_.need_units[n]});
    }
    arcs_.push_back({source(), sink(), 0, kNoLimit});
    for (size_t s = 0; s < below.size(); ++s) {
      const int from = s == 0 ? source() : first_need_group_ + static_cast<int>(s) - 1;
      for (uint32_t g : group_below[s]) {
        need_group_arc_[g] = arcs_.size();
        arcs_.push_back({from, need_group_node(g), problem_.need_groups[g].min_units,
                         problem_.need_groups[g].max_units});
      }
      arcs_.insert(arcs_.end(), below[s].begin(), below[s].end());
    }
    first_pair_arc_ = arcs_.size();
    for (uint64_t n = 0; n < problem_.n_needs; ++n) {
      for (uint64_t p = problem_.row_start[n]; p < problem_.row_start[n + 1]; ++p) {
        arcs_.push_back({need_node(n), offer_node(problem_.offer[p]), 0, kNoLimit});
      }
    }
    for (size_t i = 0; i < problem_.fixed_pair.size(); ++i) {
      arcs_[first_pair_arc_ + problem_.fixed_pair[i]].lower = problem_.fixed_units[i];
    }
    for (uint64_t o = 0; o < problem_.n_offers; ++o) {
      arcs_.push_back(
          {offer_node(o), offer_group_node(offer_tree_.innermost[o]), 0, problem_.offer_units[o]});
    }
    for (uint32_t g = 0; g < problem_.offer_groups.size(); ++g) {
      offer_group_arc_[g] = arcs_.size();
      arcs_.push_back({offer_group_node(g), offer_group_node(offer_tree_.parent[g]),
                       problem_.offer_groups[g].min_units, problem_.offer_groups[g].max_units});
    }
  }

  const Problem& problem_;
  const GroupTree& need_tree_;
  const GroupTree& offer_tree_;
  int first_need_group_ = 0;
  int first_need_ = 0;
  int first_offer_ = 0;
  int first_offer_group_ = 0;
  int sink_ = 0;
  size_t first_pair_arc_ = 0;
  std::vector<Arc> arcs_;
  std::vector<size_t> need_group_arc_;
  std::vector<size_t> offer_group_arc_;
};

// Sums of flow can't exceed the units of all needs or all offers; both must leave room in 64 bits.
bool UnitsFit(const Problem& problem) {
  constexpr Wide kMost = std::numeric_limits<int64_t>::max() / 4;
  Wide sum = 0;
  for (uint64_t n = 0; n < problem.n_needs; ++n) sum += problem.need_units[n];
  for (uint64_t o = 0; o < problem.n_offers; ++o) sum += problem.offer_units[o];
  for (int64_t units : problem.fixed_units) sum += units;
  for (const auto* groups : {&problem.need_groups, &problem.offer_groups}) {
    for (const Group& group : *groups) sum += group.min_units;
  }
  return sum <= kMost;
}

bool FitsInt64(Wide value) {
  return value <= std::numeric_limits<int64_t>::max() &&
         value >= std::numeric_limits<int64_t>::min();
}

// Turns node potentials into the certificate of tandem_plugin.h. The difference along an arc that
// carries no flow may have the wrong sign for a need or offer; zero is as good there, for raising a
// potential only lowers reduced scores and no pair of that need or offer is used.
template <typename Potential>
void FillPotentials(const Problem& problem, const GroupTree& need_tree, const GroupTree& offer_tree,
                    const Network& network, const Potential& potential, Solution* solution) {
  bool fits = true;
  auto narrow = [&](Wide value) {
    if (!FitsInt64(value)) fits = false;
    return fits ? static_cast<int64_t>(value) : 0;
  };
  auto drop = [&](int from, int to) { return Wide{potential(to)} - Wide{potential(from)}; };
  solution->need_potential.resize(problem.n_needs);
  for (uint64_t n = 0; n < problem.n_needs; ++n) {
    const Wide u = drop(network.need_group_node(need_tree.innermost[n]), network.need_node(n));
    solution->need_potential[n] = narrow(std::max<Wide>(u, 0));
  }
  solution->offer_potential.resize(problem.n_offers);
  for (uint64_t o = 0; o < problem.n_offers; ++o) {
    const Wide v = drop(network.offer_node(o), network.offer_group_node(offer_tree.innermost[o]));
    solution->offer_potential[o] = narrow(std::max<Wide>(v, 0));
  }
  solution->need_group_potential.resize(problem.need_groups.size());
  for (uint32_t g = 0; g < problem.need_groups.size(); ++g) {
    solution->need_group_potential[g] =
        narrow(drop(network.need_group_node(need_tree.parent[g]), network.need_group_node(g)));
  }
  solution->offer_group_potential.resize(problem.offer_groups.size());
  for (uint32_t g = 0; g < problem.offer_groups.size(); ++g) {
    solution->offer_group_potential[g] =
        narrow(drop(network.offer_group_node(g), network.offer_group_node(offer_tree.parent[g])));
  }
  solution->has_potentials = fits;
}

// Cost is the type of costs and potentials: int64_t while score × nodes leaves room, else 128 bits.
template <typename Cost>
Solution SolveWith(const Problem& problem, const GroupTree& need_tree, const GroupTree& offer_tree,
                   const Network& network, const Graph& graph, const Graph::ArcMap<int64_t>& lower,
                   const Graph::ArcMap<int64_t>& upper) {
  Solution solution;
  using Simplex = lemon::NetworkSimplex<Graph, int64_t, Cost>;
  // Costs are what a unit falls short of the best score, and the way past costs a whole best score:
  // the same optimum as negative costs, but the simplex starts four times nearer to it.
  Cost top{0};
  for (uint64_t p = 0; p < problem.n_pairs; ++p) top = std::max(top, Cost{problem.score[p]});
  Graph::ArcMap<Cost> cost(graph, Cost{0});
  cost[Graph::arcFromId(0)] = top;
  for (uint64_t p = 0; p < problem.n_pairs; ++p) {
    cost[Graph::arcFromId(static_cast<int>(network.first_pair_arc() + p))] =
        top - Cost{problem.score[p]};
  }
  Simplex simplex(graph);
  simplex.lowerMap(lower).upperMap(upper).costMap(cost);
  simplex.stSupply(Graph::nodeFromId(network.source()), Graph::nodeFromId(network.sink()),
                   network.supply());
  if (simplex.run() != Simplex::OPTIMAL) return solution;

  Wide objective = 0;
  for (uint64_t p = 0; p < problem.n_pairs; ++p) {
    const int64_t units =
        simplex.flow(Graph::arcFromId(static_cast<int>(network.first_pair_arc() + p)));
    if (units == 0) continue;
    solution.pair.push_back(p);
    solution.units.push_back(units);
    objective += Wide{problem.score[p]} * units;
    if (!FitsInt64(objective)) {
      solution.outcome = Outcome::kOutOfRange;
      return solution;
    }
  }
  solution.outcome = Outcome::kOptimal;
  solution.objective = static_cast<int64_t>(objective);
  FillPotentials(
      problem, need_tree, offer_tree, network,
      [&](int node) { return simplex.potential(Graph::nodeFromId(node)); }, &solution);
  return solution;
}

// Fixed pairs against the bounds of their need, offer and groups; the first one exceeded is told in
// detail.
bool FixedPairsFit(const Problem& problem, Solution* solution) {
  std::vector<Wide> need_sum(problem.n_needs, 0);
  std::vector<Wide> offer_sum(problem.n_offers, 0);
  for (size_t i = 0; i < problem.fixed_pair.size(); ++i) {
    const uint64_t p = problem.fixed_pair[i];
    const uint64_t* row =
        std::upper_bound(problem.row_start, problem.row_start + problem.n_needs + 1, p);
    need_sum[static_cast<uint64_t>(row - problem.row_start) - 1] += problem.fixed_units[i];
    offer_sum[problem.offer[p]] += problem.fixed_units[i];
  }
  auto check = [&](const std::vector<Wide>& sums, const int64_t* units, const char* side) {
    for (uint64_t i = 0; i < sums.size(); ++i) {
      if (sums[i] <= units[i]) continue;
      solution->units_short = static_cast<int64_t>(sums[i] - units[i]);
      solution->detail = std::string("the fixed pairs of ") + side + " " + std::to_string(i) +
                         " need " + std::to_string(solution->units_short) +
                         " more units than it has";
      return false;
    }
    return true;
  };
  if (!check(need_sum, problem.need_units, "need") ||
      !check(offer_sum, problem.offer_units, "offer"))
    return false;
  auto check_groups = [&](const std::vector<Group>& groups, const std::vector<Wide>& sums) {
    for (const Group& group : groups) {
      Wide sum = 0;
      for (uint64_t i = 0; i < group.n_members; ++i) sum += sums[group.members[i]];
      if (sum <= group.max_units) continue;
      solution->violated_group = group.index;
      solution->units_short = static_cast<int64_t>(sum - group.max_units);
      solution->detail = "the fixed pairs exceed the group's maximum";
      return false;
    }
    return true;
  };
  return check_groups(problem.need_groups, need_sum) &&
         check_groups(problem.offer_groups, offer_sum);
}

// Why the minima can't be met: fills as much of all minima as a flow can and names the group that
// then lacks most (of equals the first). Each group's arc is doubled by a rewarded one that carries
// its minimum.
void DiagnoseMinima(const Problem& problem, const Network& network, Solution* solution) {
  std::vector<std::pair<int, int>> ends = network.Ends();
  const size_t plain = ends.size();
  struct Rewarded {
    size_t group_arc;
    const Group* group;
  };
  std::vector<Rewarded> rewarded;
  for (size_t g = 0; g < problem.need_groups.size(); ++g) {
    if (problem.need_groups[g].min_units > 0)
      rewarded.push_back({network.need_group_arc(g), &problem.need_groups[g]});
  }
  for (size_t g = 0; g < problem.offer_groups.size(); ++g) {
    if (problem.offer_groups[g].min_units > 0) {
      rewarded.push_back({network.offer_group_arc(g), &problem.offer_groups[g]});
    }
  }
  // StaticDigraph wants arcs sorted by source: remember where each arc goes.
  for (const Rewarded& r : rewarded) ends.push_back(ends[r.group_arc]);
  std::vector<size_t> order(ends.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return ends[a].first < ends[b].first; });
  std::vector<std::pair<int, int>> sorted;
  sorted.reserve(ends.size());
  std::vector<int> arc_of(ends.size());
  for (size_t i = 0; i < order.size(); ++i) {
    arc_of[order[i]] = static_cast<int>(i);
    sorted.push_back(ends[order[i]]);
  }
  Graph base_graph;
  std::vector<std::pair<int, int>> base_ends = network.Ends();
  base_graph.build(network.node_count(), base_ends.begin(), base_ends.end());
  Graph::ArcMap<int64_t> base_lower(base_graph);
  Graph::ArcMap<int64_t> base_upper(base_graph);
  network.SetBounds(/*elastic=*/true, &base_lower, &base_upper);

  Graph graph;
  graph.build(network.node_count(), sorted.begin(), sorted.end());
  Graph::ArcMap<int64_t> lower(graph, 0);
  Graph::ArcMap<int64_t> upper(graph, kNoLimit);
  Graph::ArcMap<int64_t> cost(graph, 0);
  for (size_t a = 0; a < plain; ++a) {
    const Graph::Arc arc = Graph::arcFromId(arc_of[a]);
    lower[arc] = base_lower[Graph::arcFromId(static_cast<int>(a))];
    upper[arc] = base_upper[Graph::arcFromId(static_cast<int>(a))];
  }
  for (size_t i = 0; i < rewarded.size(); ++i) {
    const Group& group = *rewarded[i].group;
    const Graph::Arc over = Graph::arcFromId(arc_of[rewarded[i].group_arc]);
    if (upper[over] != kNoLimit) upper[over] -= group.min_units;
    const Graph::Arc minimum = Graph::arcFromId(arc_of[plain + i]);
    upper[minimum] = group.min_units;
    cost[minimum] = -1;
  }
  using Simplex = lemon::NetworkSimplex<Graph, int64_t, int64_t>;
  Simplex simplex(graph);
  simplex.lowerMap(lower).upperMap(upper).costMap(cost);
  simplex.stSupply(Graph::nodeFromId(network.source()), Graph::nodeFromId(network.sink()),
                   network.supply());
  if (simplex.run() != Simplex::OPTIMAL) {
    solution->detail = "the fixed pairs contradict the maxima";
    return;
  }
  for (size_t i = 0; i < rewarded.size(); ++i) {
    const Group& group = *rewarded[i].group;
    const int64_t short_by = group.min_units - simplex.flow(Graph::arcFromId(arc_of[plain + i]));
    if (short_by > solution->units_short) {
      solution->units_short = short_by;
      solution->violated_group = group.index;
    }
  }
  if (solution->violated_group != UINT64_MAX) {
    solution->detail = "the minimum of group " + std::to_string(solution->violated_group) +
                       " lacks " + std::to_string(solution->units_short) + " units";
  }
}

}  // namespace

Solution Solve(const Problem& problem, const GroupTree& need_tree, const GroupTree& offer_tree) {
  Solution solution;
  if (!UnitsFit(problem) || problem.n_pairs + 2 * (problem.n_needs + problem.n_offers) >
                                std::numeric_limits<int>::max() / 2) {
    solution.outcome = Outcome::kOutOfRange;
    return solution;
  }
  if (!FixedPairsFit(problem, &solution)) return solution;

  const Network network(problem, need_tree, offer_tree);
  {
    Graph graph;
    std::vector<std::pair<int, int>> ends = network.Ends();
    graph.build(network.node_count(), ends.begin(), ends.end());
    std::vector<std::pair<int, int>>().swap(ends);
    Graph::ArcMap<int64_t> lower(graph);
    Graph::ArcMap<int64_t> upper(graph);
    network.SetBounds(/*elastic=*/false, &lower, &upper);
    int64_t top_score = 0;
    for (uint64_t p = 0; p < problem.n_pairs; ++p)
      top_score = std::max(top_score, problem.score[p]);
    // Network simplex adds costs along tree paths, to an artificial cost of half the type's range.
    const bool narrow = Wide{top_score} * network.node_count() < (Wide{1} << 60);
    solution =
        narrow ? SolveWith<int64_t>(problem, need_tree, offer_tree, network, graph, lower, upper)
               : SolveWith<Wide>(problem, need_tree, offer_tree, network, graph, lower, upper);
  }
  if (solution.outcome == Outcome::kInfeasible) DiagnoseMinima(problem, network, &solution);
  return solution;
}

}  // namespace tandem::min_cost_flow
