// SPDX-License-Identifier: Apache-2.0

// The commands on changes: watch and mirror, each in a file of its own.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddWatchCommand(CLI::App* root, Action* chosen);
void AddMirrorCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
