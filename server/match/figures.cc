// SPDX-License-Identifier: Apache-2.0

#include "match/figures.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "match/wide_integer.h"

namespace tandem::match {
namespace {

constexpr int64_t kWholeRatio = 1'000'000;

bool IsDesignated(const RoundSnapshot& snapshot, const absl::flat_hash_set<Code>& wanted, bool any,
                  const RegionRow& region) {
  for (Code held : snapshot.codes(region.designations)) {
    if (any || wanted.contains(held)) return true;
  }
  return false;
}

}  // namespace

int32_t GiniPermille(std::vector<int64_t> ratios) {
  if (ratios.empty()) return 0;
  std::sort(ratios.begin(), ratios.end());
  const auto n = static_cast<int64_t>(ratios.size());
  Wide weighted = 0, sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    weighted += static_cast<Wide>(2 * i + 1 - n) * ratios[static_cast<size_t>(i)];
    sum += ratios[static_cast<size_t>(i)];
  }
  return sum == 0 ? 0 : static_cast<int32_t>(weighted * 1000 / (sum * n));
}

int32_t PriceOfFairnessPermille(int64_t best, int64_t chosen) {
  if (best <= 0 || chosen >= best) return 0;
  return static_cast<int32_t>(static_cast<Wide>(best - chosen) * 1000 / best);
}

int32_t PairWeightPermille(const v1::MatchProfile& profile) {
  int64_t all = 0, pair = 0;
  for (const v1::ScoreStep& step : profile.scorers()) {
    all += step.weight();
    if (step.pair_term()) pair += step.weight();
  }
  return all == 0 ? 0 : static_cast<int32_t>(pair * 1000 / all);
}

v1::PlanFigures FiguresOf(const RoundSnapshot& snapshot, const v1::MatchProfile& profile,
                          const AssignProblem& problem, const std::vector<PlanPair>& plan) {
  v1::PlanFigures figures;
  std::vector<int64_t> got(snapshot.needs.size(), 0);
  int64_t total = 0, slots = 0, downhill = 0;
  for (const PlanPair& pair : plan) {
    got[pair.need] += pair.units;
    total += pair.score * pair.units;
    slots += pair.units;
    const RegionRow* place = snapshot.region(snapshot.needs[pair.need].region);
    const RegionRow* home =
        snapshot.region(snapshot.agency_rows[snapshot.offers[pair.offer].agency].home);
    if (place != nullptr && home != nullptr && place->sector_permille && home->sector_permille &&
        *home->sector_permille > *place->sector_permille) {
      ++downhill;
    }
  }
  figures.set_total_score(total);
  figures.set_matched_slots(slots);
  figures.set_matches(static_cast<int64_t>(plan.size()));
  if (!plan.empty()) {
    figures.set_downhill_permille(
        static_cast<int32_t>(downhill * 1000 / static_cast<int64_t>(plan.size())));
  }

  absl::flat_hash_set<Code> wanted;
  for (const v1::ReserveGroup& reserve : profile.reserves()) {
    wanted.insert(snapshot.designations.Find(reserve.designation()));
  }
  const bool any = profile.reserves().empty();
  std::vector<int64_t> ratios;
  int64_t worst = kWholeRatio, served = 0;
  bool some_with_candidates = false;
  // Designated region → whether it got something.
  absl::flat_hash_map<Code, bool> covered;
  for (size_t n = 0; n < snapshot.needs.size(); ++n) {
    const NeedRow& need = snapshot.needs[n];
    const int64_t asked = std::max<int64_t>(need.slots, 1);
    const int64_t ratio = std::min(got[n], asked) * kWholeRatio / asked;
    ratios.push_back(ratio);
    if (got[n] > 0) ++served;
    if (problem.row_start[n + 1] > problem.row_start[n]) {
      some_with_candidates = true;
      worst = std::min(worst, ratio);
    }
    const RegionRow* region = snapshot.region(need.region);
    if (region != nullptr && IsDesignated(snapshot, wanted, any, *region)) {
      covered[need.region] |= got[n] > 0;
    }
  }
  figures.set_worst_ratio_permille(some_with_candidates ? static_cast<int32_t>(worst / 1000) : 0);
  figures.set_needs_served(served);
  figures.set_gini_permille(GiniPermille(std::move(ratios)));
  int64_t reached = 0;
  for (const auto& [region, got_some] : covered) reached += got_some ? 1 : 0;
  figures.set_designated_regions(static_cast<int64_t>(covered.size()));
  if (!covered.empty()) {
    figures.set_designated_covered_permille(
        static_cast<int32_t>(reached * 1000 / static_cast<int64_t>(covered.size())));
  }
  return figures;
}

}  // namespace tandem::match
