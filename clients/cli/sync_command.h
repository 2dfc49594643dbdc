// SPDX-License-Identifier: Apache-2.0

// `tandem sync`: a file as what a source says of agencies.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddSyncCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
