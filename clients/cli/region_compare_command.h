// SPDX-License-Identifier: Apache-2.0

// `tandem region compare`: what two code lists of the directory say differently.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddRegionCompareCommand(CLI::App* region, Action* chosen);

}  // namespace tandem::cli
