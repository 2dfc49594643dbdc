// SPDX-License-Identifier: Apache-2.0

// What can be done with conflicts beside reading them: `tandem conflict resolve`.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddConflictCommands(CLI::App* conflict, Action* chosen);

}  // namespace tandem::cli
