// SPDX-License-Identifier: Apache-2.0

// Answers about a finished run beyond its pages: why two were not paired, and whether the stored
// result still holds. Both judge on the very record versions the run read.
#pragma once

#include "absl/status/statusor.h"
#include "match/run_results.h"
#include "store/record_reader.h"
#include "tandem/v1/match_run.pb.h"
#include "tandem/v1/match_service.pb.h"

namespace tandem::match {

// As MatchService.WhyNotMatch. REVISION_COMPACTED when a version the run read is no longer kept.
absl::StatusOr<v1::WhyNotMatchResponse> WhyNot(const v1::MatchRun& run, const RunResults& results,
                                               const store::RecordReader* reader,
                                               const v1::WhyNotMatchRequest& request);

// As MatchService.VerifyMatchRun: the verifier's checks on what is stored, and the digests that can
// be computed from it (check "digests").
absl::StatusOr<v1::VerifyReport> VerifyStoredRun(const v1::MatchRun& run, const RunResults& results,
                                                 const store::RecordReader* reader);

}  // namespace tandem::match
