// SPDX-License-Identifier: Apache-2.0

#include "match/greedy.h"

#include <algorithm>
#include <numeric>

namespace tandem::match {
namespace {

// What is left while pairs are taken one by one.
class Room {
 public:
  explicit Room(const AssignProblem& problem)
      : p_(problem),
        need_of_(problem.NeedOfPair()),
        need_left_(problem.need_units),
        offer_left_(problem.offer_units),
        group_left_(problem.groups.size()),
        need_groups_(problem.n_needs()),
        offer_groups_(problem.n_offers()),
        units_(problem.n_pairs(), 0) {
    for (size_t g = 0; g < p_.groups.size(); ++g) {
      group_left_[g] = p_.groups[g].max_units;
      if (p_.groups[g].max_units == plugin::kNoMaxUnits) continue;
      auto& side = p_.groups[g].side == plugin::Side::kOffers ? offer_groups_ : need_groups_;
      for (uint32_t member : p_.groups[g].members) side[member].push_back(g);
    }
  }

  uint32_t need_of(uint64_t pair) const { return need_of_[pair]; }
  int64_t need_left(uint32_t need) const { return need_left_[need]; }

  // Takes at most `wanted` more units for the pair.
  void Take(uint64_t pair, int64_t wanted) {
    const uint32_t need = need_of_[pair], offer = p_.offer[pair];
    int64_t units = std::min({wanted, need_left_[need], offer_left_[offer]});
    for (size_t g : need_groups_[need]) units = std::min(units, group_left_[g]);
    for (size_t g : offer_groups_[offer]) units = std::min(units, group_left_[g]);
    if (units <= 0) return;
    need_left_[need] -= units;
    offer_left_[offer] -= units;
    for (size_t g : need_groups_[need]) group_left_[g] -= units;
    for (size_t g : offer_groups_[offer]) group_left_[g] -= units;
    units_[pair] += units;
  }

  std::vector<plugin::AssignedPair> Assignment() const {
    std::vector<plugin::AssignedPair> out;
    for (uint64_t pair = 0; pair < units_.size(); ++pair) {
      if (units_[pair] > 0) out.push_back({pair, units_[pair]});
    }
    return out;
  }

 private:
  const AssignProblem& p_;
  const std::vector<uint32_t> need_of_;
  std::vector<int64_t> need_left_, offer_left_, group_left_;
  std::vector<std::vector<size_t>> need_groups_, offer_groups_;
  std::vector<int64_t> units_;
};

std::vector<plugin::AssignedPair> FillByScore(const AssignProblem& problem,
                                              const std::vector<uint64_t>& order,
                                              const std::vector<plugin::AssignedPair>& start) {
  Room room(problem);
  for (const plugin::AssignedPair& given : start) room.Take(given.pair, given.units);
  for (uint64_t pair : order) room.Take(pair, plugin::kNoMaxUnits);
  return room.Assignment();
}

std::vector<plugin::AssignedPair> FixedOnly(const AssignProblem& problem) {
  std::vector<plugin::AssignedPair> fixed;
  for (const plugin::FixedPair& pair : problem.fixed) fixed.push_back({pair.pair, pair.units});
  return fixed;
}

}  // namespace

bool MeetsMinima(const AssignProblem& problem,
                 const std::vector<plugin::AssignedPair>& assignment) {
  std::vector<int64_t> need_got(problem.n_needs(), 0), offer_gave(problem.n_offers(), 0);
  const std::vector<uint32_t> need_of = problem.NeedOfPair();
  for (const plugin::AssignedPair& assigned : assignment) {
    need_got[need_of[assigned.pair]] += assigned.units;
    offer_gave[problem.offer[assigned.pair]] += assigned.units;
  }
  for (const plugin::Group& group : problem.groups) {
    const auto& units = group.side == plugin::Side::kOffers ? offer_gave : need_got;
    int64_t sum = 0;
    for (uint32_t member : group.members) sum += units[member];
    if (sum < group.min_units) return false;
  }
  return true;
}

std::vector<plugin::AssignedPair> SolveGreedy(const AssignProblem& problem,
                                              const std::vector<plugin::AssignedPair>& start) {
  std::vector<uint64_t> order(problem.n_pairs());
  std::iota(order.begin(), order.end(), 0);
  // Pairs are numbered by need, then offer: a stable order is the order of ties.
  std::stable_sort(order.begin(), order.end(), [&problem](uint64_t a, uint64_t b) {
    return problem.score[a] > problem.score[b];
  });
  std::vector<plugin::AssignedPair> plan = FillByScore(problem, order, FixedOnly(problem));
  return MeetsMinima(problem, plan) ? plan : FillByScore(problem, order, start);
}

std::vector<plugin::AssignedPair> SolveFirstCome(const AssignProblem& problem,
                                                 const std::vector<uint32_t>& need_order) {
  Room room(problem);
  for (const plugin::AssignedPair& fixed : FixedOnly(problem)) room.Take(fixed.pair, fixed.units);
  std::vector<uint64_t> order;
  for (uint32_t need : need_order) {
    order.resize(problem.row_start[need + 1] - problem.row_start[need]);
    std::iota(order.begin(), order.end(), problem.row_start[need]);
    std::stable_sort(order.begin(), order.end(), [&problem](uint64_t a, uint64_t b) {
      return problem.score[a] > problem.score[b];
    });
    for (uint64_t pair : order) {
      if (room.need_left(need) <= 0) break;
      room.Take(pair, plugin::kNoMaxUnits);
    }
  }
  return room.Assignment();
}

int64_t TotalScore(const AssignProblem& problem,
                   const std::vector<plugin::AssignedPair>& assignment) {
  int64_t total = 0;
  for (const plugin::AssignedPair& assigned : assignment) {
    total += problem.score[assigned.pair] * assigned.units;
  }
  return total;
}

}  // namespace tandem::match
