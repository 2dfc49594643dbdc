// SPDX-License-Identifier: Apache-2.0

// The verbs of a round beyond the standard commands: open and freeze.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddRoundCommands(CLI::App* round, Action* chosen);

}  // namespace tandem::cli
