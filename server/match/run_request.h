// SPDX-License-Identifier: Apache-2.0

// From the request for a run to the record that waits: everything that can be refused at once is.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "match/match_runs.h"
#include "tandem/v1/match_profile.pb.h"

namespace tandem::match {

// A run ready to be stored as queued.
struct NewRun {
  v1::MatchRun run;
  // Of the request without its request id.
  std::string request_sha256;
};

// Checks the round's state, the profile, the base run, the plugins the profile names (enabled, and
// the ones a frozen round pinned), and fills in name, uid and profile. Errors as CreateMatchRun.
absl::StatusOr<NewRun> PrepareRun(const MatchRunsParts& parts,
                                  const v1::CreateMatchRunRequest& request);

}  // namespace tandem::match
