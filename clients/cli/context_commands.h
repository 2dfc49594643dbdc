// SPDX-License-Identifier: Apache-2.0

// `tandem context …`: the named servers of a person, and `tandem whoami`.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddContextCommands(CLI::App* root, Action* chosen);
void AddWhoamiCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
