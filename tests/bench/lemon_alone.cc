// SPDX-License-Identifier: Apache-2.0

// What the match rows stand beside: LEMON's network simplex alone on a random graph of the same
// size, built and solved with nothing around it. Prints seconds.
//
//   lemon_alone OFFERS NEEDS EDGES_PER_OFFER

#include <lemon/network_simplex.h>
#include <lemon/static_graph.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <utility>
#include <vector>

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: lemon_alone OFFERS NEEDS EDGES_PER_OFFER\n");
    return 2;
  }
  const int offers = std::atoi(argv[1]);
  const int needs = std::atoi(argv[2]);
  const int edges = std::atoi(argv[3]);
  std::mt19937_64 random(1);
  // Nodes: source, offers, needs, sink. Costs are what a score falls short of the best; the arc
  // from source to sink takes what is not assigned. Written with negative costs instead, the
  // simplex takes four times as long.
  constexpr int64_t kTop = 1'000'000;
  const int sink = 1 + offers + needs;
  std::vector<std::pair<int, int>> arcs = {{0, sink}};
  std::vector<int64_t> upper = {0}, cost = {kTop};
  int64_t room = 0;
  for (int o = 0; o < offers; ++o) {
    arcs.emplace_back(0, 1 + o);
    upper.push_back(1 + static_cast<int64_t>(random() % 3));
    cost.push_back(0);
    room += upper.back();
  }
  upper[0] = room;
  for (int o = 0; o < offers; ++o) {
    for (int e = 0; e < edges; ++e) {
      arcs.emplace_back(1 + o,
                        1 + offers + static_cast<int>(random() % static_cast<uint64_t>(needs)));
      upper.push_back(room);
      cost.push_back(static_cast<int64_t>(random() % (kTop + 1)));
    }
  }
  for (int n = 0; n < needs; ++n) {
    arcs.emplace_back(1 + offers + n, sink);
    upper.push_back(room * 4 / 5 / needs + 1);
    cost.push_back(0);
  }

  const auto begin = std::chrono::steady_clock::now();
  lemon::StaticDigraph graph;
  graph.build(sink + 1, arcs.begin(), arcs.end());
  lemon::StaticDigraph::ArcMap<int64_t> upper_map(graph), cost_map(graph);
  for (size_t i = 0; i < arcs.size(); ++i) {
    const auto arc = lemon::StaticDigraph::arcFromId(static_cast<int>(i));
    upper_map[arc] = upper[i];
    cost_map[arc] = cost[i];
  }
  lemon::NetworkSimplex<lemon::StaticDigraph, int64_t, int64_t> simplex(graph);
  simplex.upperMap(upper_map).costMap(cost_map);
  simplex.stSupply(lemon::StaticDigraph::nodeFromId(0), lemon::StaticDigraph::nodeFromId(sink),
                   room);
  const bool optimal = simplex.run() == decltype(simplex)::OPTIMAL;
  std::printf("%.4f\n",
              std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return optimal ? 0 : 1;
}
