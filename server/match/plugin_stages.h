// SPDX-License-Identifier: Apache-2.0

// The filter and score stages: calls the profile's plugins, applies each step's failure policy, and
// keeps what came out. A step that was left out marks the run degraded; one whose plugin had
// nothing to say does not.
#pragma once

#include "absl/status/status.h"
#include "match/run_state.h"

namespace tandem::match {

// Drops what the profile's filters drop, in order. Errors: the step's failure under policy FAIL,
// CANCELLED, DEADLINE_EXCEEDED.
absl::Status RunFilters(RunState* run);

// Fills run->columns with the normalised scores of every scorer that answered. Errors as above.
absl::Status RunScorers(RunState* run);

// A step report for a plugin of the profile; empty fields when it was not found.
v1::StepReport MakeStepReport(std::string_view stage, std::string_view plugin_name,
                              const StagePlugin* plugin, int32_t weight);
// Puts a failure into a report.
void SetStepError(const absl::Status& status, v1::StepReport* report);
// Whether the run itself should end, whatever the policy says.
bool EndsRun(const RunState& run, const absl::Status& status);

}  // namespace tandem::match
