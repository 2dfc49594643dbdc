// SPDX-License-Identifier: Apache-2.0

// `tandem search` and `tandem suggest`: finding records by text instead of by field.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddSearchCommands(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
