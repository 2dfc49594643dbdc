// SPDX-License-Identifier: Apache-2.0

// What a stage is called with and what a solver answers: plain data shared by the match layer and
// the plugin layer. The meaning of every figure is that of plugins/sdk/tandem_plugin.h.
#pragma once

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "plugin/column_set.h"

namespace tandem::plugin {

// The problem every stage sees. The spans are borrowed for the call and as long as needs and
// offers.
struct Problem {
  std::shared_ptr<const ColumnSet> needs;
  std::shared_ptr<const ColumnSet> offers;
  PairSet::Ptr pairs;
  absl::Span<const int64_t> need_units;
  absl::Span<const int64_t> offer_units;
};

enum class Side : uint32_t { kNeeds = 1, kOffers = 2 };

inline constexpr int64_t kNoMaxUnits = std::numeric_limits<int64_t>::max();

// Bounds on the units of all pairs whose need (or offer) is a member; members ascend strictly.
struct Group {
  Side side = Side::kOffers;
  std::vector<uint32_t> members;
  int64_t min_units = 0;
  int64_t max_units = kNoMaxUnits;
};

// A running pairing: at least `units` for this pair. Ascending by pair.
struct FixedPair {
  uint64_t pair = 0;
  int64_t units = 0;
};

// What only a solver sees. `score` has one entry a pair, all >= 0.
struct AssignTerms {
  absl::Span<const int64_t> score;
  absl::Span<const Group> groups;
  absl::Span<const FixedPair> fixed;
};

// One pair's share of an assignment.
struct AssignedPair {
  uint64_t pair = 0;
  int64_t units = 0;
};

// The potentials a solver handed over; not yet checked by anyone.
struct Potentials {
  std::vector<int64_t> need, offer, group;
};

// A solver's answer. Feasible: every bound of the problem was checked and `objective` recomputed.
// Not feasible: the solver's word only.
struct AssignResult {
  bool feasible = true;
  std::vector<AssignedPair> assignment;  // ascending by pair
  int64_t objective = 0;
  std::optional<Potentials> potentials;
  std::optional<uint64_t> violated_group;  // not feasible: the group whose minimum can't be met
  int64_t units_short = 0;                 // not feasible: units missing to it
  std::string why;                         // not feasible: the solver's text
};

// The circumstances of a call.
struct CallOptions {
  // When the answer is needed. The plugin is told to stop shortly before and killed at that time.
  absl::Time deadline = absl::InfiniteFuture();
  // Set by another thread to give up early; looked at every 20 ms. May be null; outlives the call.
  const std::atomic<bool>* cancelled = nullptr;
  uint64_t request_id = 0;
  int64_t revision = 0;
  uint64_t seed = 0;
  int64_t now_unix_ms = 0;
};

// How a filter or scorer ended without error.
enum class StageOutcome {
  kDone,
  kSkipped,  // the plugin has nothing to say about this problem; the output is untouched
};

}  // namespace tandem::plugin
