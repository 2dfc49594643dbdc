// SPDX-License-Identifier: Apache-2.0

// One match run from snapshot to explained, verified plan: candidates → filter → score → combine →
// assign → verify → compare → explain. Stores nothing. The result is the same for any number of
// threads, and so is its digest.
#pragma once

#include "absl/status/status.h"
#include "match/run_state.h"

namespace tandem::match {

// Runs every stage. On an error `run->report` holds the steps so far. Errors: those of the stages;
// INTERNAL when the verifier refuses the server's own plan.
absl::Status RunPipeline(RunState* run);

// The digest of a stage that can be computed again from what is stored.
std::string CombineDigest(const std::vector<uint64_t>& row_start,
                          const std::vector<uint32_t>& offer, const std::vector<int64_t>& score);
std::string AssignDigest(const std::vector<PlanPair>& plan);
// The digest over all stages.
std::string RunDigest(const v1::MatchRun& run);

}  // namespace tandem::match
