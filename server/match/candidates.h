// SPDX-License-Identifier: Apache-2.0

// The hard rules over all pairs at once: which offers stay candidates of which need, and how many
// dropped out by which rule. 30 million pairs in a fraction of a second: each rule is a set of
// offers, shared by all needs that ask for the same thing, and a need is a chain of intersections.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "match/reasons.h"
#include "match/round_snapshot.h"
#include "tandem/v1/match_profile.pb.h"

namespace tandem::match {

// How many dropped by each rule.
using RuleCounts = std::array<int64_t, kRuleCount>;

// The candidates and the account of everybody else. Needs and offers are rows of the snapshot.
struct Candidates {
  // Compressed by need: the offers of need n are offer[row_start[n]] … ascending.
  std::vector<uint64_t> row_start;
  std::vector<uint32_t> offer;
  // By need and by offer: pairs dropped under the first rule that applied. With the candidates and
  // `cut` they add up to the number of rows of the other side.
  std::vector<RuleCounts> need_dropped, offer_dropped;
  // Pairs that passed the rules but not the limit of offers a need.
  std::vector<int64_t> need_cut, offer_cut;
  // Needs with need_cut > 0.
  int64_t cut_needs = 0;

  uint64_t n_pairs() const { return offer.size(); }
  size_t MemoryBytes() const;
};

struct CandidateOptions {
  // Most offers a need; the best by (points, gap, keyed hash). Kept pairs that pass the rules come
  // on top.
  uint32_t per_need = 200;
  uint64_t seed = 0;
  int threads = 1;
  // Looked at between needs; may be null.
  const std::atomic<bool>* cancelled = nullptr;
};

// The same for any number of threads. CANCELLED.
absl::StatusOr<Candidates> FindCandidates(const RoundSnapshot& snapshot, const v1::HardRules& rules,
                                          const CandidateOptions& options);

}  // namespace tandem::match
