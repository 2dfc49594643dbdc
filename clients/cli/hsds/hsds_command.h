// SPDX-License-Identifier: Apache-2.0

// `tandem hsds import`: a directory in the Human Services Data Specification.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddHsdsCommands(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
