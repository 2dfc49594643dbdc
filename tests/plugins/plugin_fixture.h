// SPDX-License-Identifier: Apache-2.0

// Loads bundles from the build tree into generations and holds a small problem to call them with.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "plugin/bundle.h"
#include "plugin/generation.h"
#include "plugin/problem.h"
#include "plugin/supervisor.h"

namespace tandem::plugin {

// 2 needs of 2 units, 3 offers of 1 unit, all 6 pairs; scores 10, 20 … 60.
class SmallProblem {
 public:
  SmallProblem() {
    problem.needs = std::make_shared<ColumnSet>(2);
    problem.offers = std::make_shared<ColumnSet>(3);
    problem.pairs = PairSet::Make(3, {0, 3, 6}, {0, 1, 2, 0, 1, 2}).value();
    problem.need_units = need_units;
    problem.offer_units = offer_units;
    terms.score = score;
    terms.groups = groups;
  }
  static constexpr size_t kPairs = 6;

  std::vector<int64_t> need_units = {2, 2};
  std::vector<int64_t> offer_units = {1, 1, 1};
  std::vector<int64_t> score = {10, 20, 30, 40, 50, 60};
  std::vector<Group> groups = {{Side::kOffers, {0, 1}, 0, kNoMaxUnits}};
  Problem problem;
  AssignTerms terms;
};

// The folder of the bundles that break rules and the host program; both set by CMake.
inline std::string BrokenBundles() { return TANDEM_BROKEN_BUNDLES; }
inline std::string HostProgram() { return TANDEM_PLUGIN_HOST; }

// Back-off short enough for tests, long enough to be seen.
inline GenerationOptions QuickOptions() {
  GenerationOptions options;
  options.backoff_first = absl::Milliseconds(20);
  options.backoff_cap = absl::Milliseconds(80);
  options.start_timeout = absl::Seconds(20);
  options.restart_wait = absl::Seconds(20);
  return options;
}

// Generous: a busy machine must not turn a crash into a timeout.
inline CallOptions Within(absl::Duration limit) {
  CallOptions options;
  options.deadline = absl::Now() + limit;
  return options;
}

// Opens and starts a bundle of `folder`.
inline absl::StatusOr<std::shared_ptr<Generation>> StartBundle(
    const std::shared_ptr<Supervisor>& supervisor, const std::string& folder, const std::string& id,
    const GenerationOptions& options = QuickOptions()) {
  auto bundle = OpenBundle(folder, id, "1.0.0", /*allow_unsigned=*/true);
  if (!bundle.ok()) return bundle.status();
  return Generation::Start(supervisor, HostProgram(), *bundle, 1, options);
}

// The reason's name, or the status text when it has none.
inline std::string ReasonOf(const absl::Status& status) {
  std::optional<model::Reason> reason = model::ErrorReason(status);
  return reason ? std::string(model::ReasonName(*reason)) : status.ToString();
}

}  // namespace tandem::plugin
