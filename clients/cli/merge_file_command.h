// SPDX-License-Identifier: Apache-2.0

// `tandem merge --file`: performs the merges that a registry's list of old and new numbers asks
// for, and reports by line what can't be done.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddMergeFileCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
