// SPDX-License-Identifier: Apache-2.0

// `tandem apply` and `tandem diff`: bring the directory to what files say, or show what that would
// change.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddApplyCommand(CLI::App* root, Action* chosen);
void AddDiffCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
