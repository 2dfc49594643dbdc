// SPDX-License-Identifier: Apache-2.0

// Reads what the plan screen shows from a server: the run, its round, its best pairings and the
// names behind them.
#pragma once

#include <string>

#include "absl/status/statusor.h"

#include "cli/plan_screen.h"
#include "cpp/client.h"

namespace tandem::cli {

// The screen of `run` with its `top` best pairings. Records that are gone by now show by their
// names.
absl::StatusOr<PlanScreen> FetchPlan(const client::Client& client, const v1::MatchRun& run,
                                     int top);

}  // namespace tandem::cli
