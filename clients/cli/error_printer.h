// SPDX-License-Identifier: Apache-2.0

// Prints a failed command for a person: reason, message, wrong fields one a line, and what to do.
#pragma once

#include <ostream>
#include <string>

#include "absl/status/status.h"

namespace tandem::cli {

// Prints `status`, which must not be OK, to `err`:
//
//   tandem: FIELD_INVALID: agency.code: must not be empty
//     agency.code: must not be empty
//     remedy: …
//
// `target` is the server's address, named when it can't be reached. Red when `colour`.
void PrintError(std::ostream& err, const absl::Status& status, const std::string& target,
                bool colour);

// Prints what PrintError leaves out: the code, the reason's metadata, the record and the pause that
// the server asks for, one a line.
void PrintErrorDetails(std::ostream& err, const absl::Status& status);

// What a person can do about an error of this reason and code; empty when there is nothing to say.
std::string Remedy(const std::string& reason, absl::StatusCode code, const std::string& target);

}  // namespace tandem::cli
