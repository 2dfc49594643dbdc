// SPDX-License-Identifier: Apache-2.0

// Copies what a plugin wrote out of shared memory and checks the copy. Each cell is read exactly
// once, so a plugin that goes on writing changes nothing that was checked. All failures are
// PLUGIN_BAD_OUTPUT and name the first offence.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "plugin/manifest.h"
#include "plugin/problem.h"

namespace tandem::plugin {

// Copies scores.size() cells from `cells`, which every cell must be finite and, when `declared` has
// an id, inside its score range. Leaves NaN behind in `cells`: the prefill of the next call.
absl::Status TakeScores(double* cells, const Manifest& declared, absl::Span<double> scores);

// Copies verdicts and the reasons of dropped pairs (0 for kept ones); `declared` with an id bounds
// reasons.
absl::Status TakeVerdicts(const uint8_t* verdict_cells, const uint16_t* reason_cells,
                          const Manifest& declared, absl::Span<uint8_t> verdicts,
                          absl::Span<uint16_t> reasons);

// Copies an assignment from its output segment and checks it against every bound of the problem;
// recomputes the objective in 128 bits.
absl::StatusOr<AssignResult> TakeAssignment(const char* output, const Problem& problem,
                                            const AssignTerms& terms);

// The two fields an infeasible answer explains itself with. `why` is the solver's text.
absl::StatusOr<AssignResult> TakeInfeasible(const char* output, const AssignTerms& terms,
                                            std::string why);

}  // namespace tandem::plugin
