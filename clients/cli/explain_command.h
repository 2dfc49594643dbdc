// SPDX-License-Identifier: Apache-2.0

// `tandem explain`: records, types and methods from their declarations.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddExplainCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
