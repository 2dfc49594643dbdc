// SPDX-License-Identifier: Apache-2.0

// `tandem plugin …`: loads and unloads matching plugins through the server's admin socket.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddPluginCommands(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
