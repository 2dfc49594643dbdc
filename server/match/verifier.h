// SPDX-License-Identifier: Apache-2.0

// Checks a plan from the problem, the records and nothing else. Shares no code with any solver, and
// none with the search for candidates: rules are judged pair by pair from the records. What it
// certifies is what a run shows.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "match/assign_problem.h"
#include "match/pair_rules.h"
#include "match/round_snapshot.h"
#include "plugin/problem.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// A plan as its maker claims it.
struct ClaimedPlan {
  // Pairs inside the problem; any order.
  std::vector<plugin::AssignedPair> assignment;
  int64_t objective = 0;
  // The claim to be optimal; none: no such claim is checked.
  std::optional<plugin::Potentials> potentials;
};

// Names of rows, for the rules check.
struct RowNames {
  std::vector<std::string> needs, offers;
};

// The checks, in this order: slots, corridors, reserves, fixed, objective, and certificate when the
// plan has potentials. Never fails; what is wrong is in the report. Sums are exact.
v1::VerifyReport VerifyPlan(const AssignProblem& problem, const ClaimedPlan& plan);

// Judges every pair by the hard rules, kept ones excepted, and adds the check "rules" to `report`.
// Errors are those of reading records.
absl::Status VerifyRules(const AssignProblem& problem, const ClaimedPlan& plan,
                         const RowNames& names, PairRules* rules, v1::VerifyReport* report);

// Adds one check and keeps `verified` in step.
void AddCheck(v1::VerifyReport* report, std::string_view check, bool holds, std::string detail);

}  // namespace tandem::match
