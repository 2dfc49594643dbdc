// SPDX-License-Identifier: Apache-2.0

#include "match/assign_problem.h"

#include <algorithm>
#include <utility>

namespace tandem::match {
namespace {

// The pair's index; nullopt when the two are no candidates.
std::optional<uint64_t> FindPair(const AssignProblem& problem, uint32_t need, uint32_t offer) {
  auto begin = problem.offer.begin() + static_cast<ptrdiff_t>(problem.row_start[need]);
  auto end = problem.offer.begin() + static_cast<ptrdiff_t>(problem.row_start[need + 1]);
  auto at = std::lower_bound(begin, end, offer);
  if (at == end || *at != offer) return std::nullopt;
  return static_cast<uint64_t>(at - problem.offer.begin());
}

// Takes kept units outside the problem off a group's bounds. The bounds must hold what is fixed
// inside, whatever the round says: kept pairs come before everything else.
void TakeOff(int64_t settled, int64_t fixed, plugin::Group* group) {
  group->min_units = std::max<int64_t>(group->min_units - settled, 0);
  if (group->max_units != plugin::kNoMaxUnits) {
    group->max_units = std::max(group->max_units - settled, fixed);
    group->min_units = std::min(group->min_units, group->max_units);
  }
}

bool Contains(const plugin::Group& group, uint32_t member) {
  return std::binary_search(group.members.begin(), group.members.end(), member);
}

}  // namespace

AssignProblem BuildAssignProblem(const RoundSnapshot& snapshot, const v1::MatchProfile& profile,
                                 std::vector<uint64_t> row_start, std::vector<uint32_t> offer,
                                 std::vector<int64_t> score) {
  AssignProblem problem;
  problem.row_start = std::move(row_start);
  problem.offer = std::move(offer);
  problem.score = std::move(score);
  for (const NeedRow& need : snapshot.needs) problem.need_units.push_back(need.units);
  for (const OfferRow& row : snapshot.offers) problem.offer_units.push_back(row.units);

  std::vector<PlanPair> inside;
  for (const KeptPairing& kept : snapshot.kept) {
    PlanPair pair{kept.need, kept.offer, kept.units, kept.units, 0, std::nullopt};
    pair.pair = FindPair(problem, kept.need, kept.offer);
    if (pair.pair) {
      problem.fixed.push_back({*pair.pair, kept.units});
      inside.push_back(pair);
    } else {
      problem.need_units[kept.need] -= kept.units;
      problem.offer_units[kept.offer] -= kept.units;
      problem.settled.push_back(pair);
    }
  }

  for (size_t i = 0; i < snapshot.corridors.size(); ++i) {
    const CorridorRow& corridor = snapshot.corridors[i];
    plugin::Group group;
    group.side = plugin::Side::kOffers;
    for (size_t o = 0; o < snapshot.offers.size(); ++o) {
      if (snapshot.offers[o].corridor == i) group.members.push_back(static_cast<uint32_t>(o));
    }
    group.min_units = corridor.min_slots;
    group.max_units = corridor.max_slots.value_or(plugin::kNoMaxUnits);
    problem.groups.push_back(std::move(group));
    problem.labels.push_back(
        {true, static_cast<uint32_t>(i), corridor.id, corridor.min_slots, corridor.max_slots, 0});
  }
  for (int i = 0; i < profile.reserves_size(); ++i) {
    const v1::ReserveGroup& reserve = profile.reserves(i);
    const Code wanted = snapshot.designations.Find(reserve.designation());
    plugin::Group group;
    group.side = plugin::Side::kNeeds;
    for (size_t n = 0; n < snapshot.needs.size() && wanted != kNoCode; ++n) {
      const RegionRow* region = snapshot.region(snapshot.needs[n].region);
      if (region == nullptr) continue;
      absl::Span<const Code> held = snapshot.codes(region->designations);
      if (std::binary_search(held.begin(), held.end(), wanted)) {
        group.members.push_back(static_cast<uint32_t>(n));
      }
    }
    group.min_units = reserve.min_slots();
    problem.groups.push_back(std::move(group));
    problem.labels.push_back({false, static_cast<uint32_t>(i), reserve.designation(),
                              reserve.min_slots(), std::nullopt, 0});
  }
  for (size_t g = 0; g < problem.groups.size(); ++g) {
    plugin::Group& group = problem.groups[g];
    auto units_in = [&group](const std::vector<PlanPair>& pairs) {
      int64_t units = 0;
      for (const PlanPair& pair : pairs) {
        if (Contains(group, group.side == plugin::Side::kOffers ? pair.offer : pair.need)) {
          units += pair.units;
        }
      }
      return units;
    };
    problem.labels[g].settled = units_in(problem.settled);
    TakeOff(problem.labels[g].settled, units_in(inside), &group);
  }
  return problem;
}

std::vector<PlanPair> FullPlan(const AssignProblem& problem,
                               const std::vector<plugin::AssignedPair>& assignment) {
  std::vector<PlanPair> plan = problem.settled;
  const std::vector<uint32_t> need_of = problem.NeedOfPair();
  size_t next_fixed = 0;
  for (const plugin::AssignedPair& assigned : assignment) {
    while (next_fixed < problem.fixed.size() && problem.fixed[next_fixed].pair < assigned.pair) {
      ++next_fixed;
    }
    const bool fixed =
        next_fixed < problem.fixed.size() && problem.fixed[next_fixed].pair == assigned.pair;
    plan.push_back({need_of[assigned.pair], problem.offer[assigned.pair], assigned.units,
                    fixed ? problem.fixed[next_fixed].units : 0, problem.score[assigned.pair],
                    assigned.pair});
  }
  std::sort(plan.begin(), plan.end(), [](const PlanPair& a, const PlanPair& b) {
    return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
  });
  return plan;
}

}  // namespace tandem::match
