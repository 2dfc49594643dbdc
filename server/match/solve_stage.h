// SPDX-License-Identifier: Apache-2.0

// The assign stage: asks the profile's solver, checks its answer, and falls back on the server's
// own greedy one as the policy says. Also makes the two plans every run is compared with.
#pragma once

#include "absl/status/status.h"
#include "match/run_state.h"

namespace tandem::match {

// Fills run->plan and lowers the minima of run->problem's reserves to what can be reached.
// RUN_INFEASIBLE naming the corridor and the slots short; a solver's failure under policy FAIL;
// CANCELLED, DEADLINE_EXCEEDED.
absl::Status RunSolver(RunState* run);

// Fills the figures of the plan, of first come, and of the best total, and what the difference
// costs. A comparison that could not be made exactly is said in a warning; only CANCELLED and
// DEADLINE_EXCEEDED end the run.
absl::Status ComparePlans(RunState* run);

}  // namespace tandem::match
