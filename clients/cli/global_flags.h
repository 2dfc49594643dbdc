// SPDX-License-Identifier: Apache-2.0

// The flags of every command and where their values come from: the flag, else the environment, else
// the context, else the default.
#pragma once

#include <string>
#include <vector>

#include "CLI/App.hpp"
#include "absl/status/status.h"

#include "cli/session.h"

namespace tandem::cli {

// Adds the flags to the root command; their values land in `options`.
void AddGlobalFlags(CLI::App* root, GlobalOptions* options);

// After parsing: fills what neither a flag nor the environment set from the context, which is the
// one of --context or TANDEM_CONTEXT, else the current one. A damaged file and a context that does
// not exist are errors.
absl::Status TakeContext(const CLI::App& root, GlobalOptions* options);

}  // namespace tandem::cli
