// SPDX-License-Identifier: Apache-2.0

// The figures plans are compared by, in integers.
#pragma once

#include <string>
#include <vector>

#include "match/assign_problem.h"
#include "match/round_snapshot.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// Figures of a plan (FullPlan). Designated regions are those with a designation the profile keeps a
// reserve for; without reserves, those with any. Ratios round down.
v1::PlanFigures FiguresOf(const RoundSnapshot& snapshot, const v1::MatchProfile& profile,
                          const AssignProblem& problem, const std::vector<PlanPair>& plan);

// (best − chosen) / best, per mille, at least 0; 0 when best is 0.
int32_t PriceOfFairnessPermille(int64_t best, int64_t chosen);

// Share of the scorers' weight that depends on the pair, per mille; 0 without scorers.
int32_t PairWeightPermille(const v1::MatchProfile& profile);

// Gini coefficient of ratios (each 0..1,000,000), per mille: 0 when all are equal, or all are 0.
int32_t GiniPermille(std::vector<int64_t> ratios);

}  // namespace tandem::match
