// SPDX-License-Identifier: Apache-2.0

// The assignment problem as the server states it to every solver, its own included, and checks
// every answer against: who may be paired, for what score, within which bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "match/candidates.h"
#include "plugin/problem.h"

namespace tandem::match {

// A pair of the plan by rows.
struct PlanPair {
  uint32_t need = 0;
  uint32_t offer = 0;
  int64_t units = 0;
  // Kept because a running or accepted pairing says so: at least `kept_units` of `units`.
  int64_t kept_units = 0;
  // Combined score of one unit; 0 for a pair that is kept outside the problem.
  int64_t score = 0;
  // Its index among the candidates; none for a pair kept outside the problem.
  std::optional<uint64_t> pair;
};

// What a group stands for.
struct GroupLabel {
  // A corridor of the round, else a reserve of the profile.
  bool corridor = false;
  // Index among the round's corridors or the profile's reserves.
  uint32_t index = 0;
  // Corridor id or designation.
  std::string id;
  // What the round or profile asks for, before kept pairs outside the problem are taken off and
  // minima lowered to what can be reached.
  int64_t asked_min = 0;
  std::optional<int64_t> asked_max;
  // Units of pairs kept outside the problem.
  int64_t settled = 0;
};

struct AssignProblem {
  // Compressed by need, as in Candidates.
  std::vector<uint64_t> row_start;
  std::vector<uint32_t> offer;
  std::vector<int64_t> score;
  // What is left after pairs kept outside the problem.
  std::vector<int64_t> need_units, offer_units;
  // Corridors first, then reserves; labels stand beside.
  std::vector<plugin::Group> groups;
  std::vector<GroupLabel> labels;
  // Kept pairs that are candidates, ascending by pair.
  std::vector<plugin::FixedPair> fixed;
  // Kept pairs that break a rule by now: they stay as they are, outside the problem.
  std::vector<PlanPair> settled;

  size_t n_needs() const { return need_units.size(); }
  size_t n_offers() const { return offer_units.size(); }
  size_t n_pairs() const { return offer.size(); }
  // The need of each pair.
  std::vector<uint32_t> NeedOfPair() const {
    std::vector<uint32_t> needs(n_pairs());
    for (size_t need = 0; need + 1 < row_start.size(); ++need) {
      for (uint64_t p = row_start[need]; p < row_start[need + 1]; ++p) {
        needs[p] = static_cast<uint32_t>(need);
      }
    }
    return needs;
  }
};

// States the problem: the candidates with their scores, corridors and reserves of the round and
// profile, kept pairs in or outside it. Takes the arrays it is given.
AssignProblem BuildAssignProblem(const RoundSnapshot& snapshot, const v1::MatchProfile& profile,
                                 std::vector<uint64_t> row_start, std::vector<uint32_t> offer,
                                 std::vector<int64_t> score);

// The assignment with the pairs kept outside the problem, by need, then offer.
std::vector<PlanPair> FullPlan(const AssignProblem& problem,
                               const std::vector<plugin::AssignedPair>& assignment);

}  // namespace tandem::match
