// SPDX-License-Identifier: Apache-2.0

// `tandem region index`: writes the economic or sector index of every region by one rule.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddRegionIndexCommand(CLI::App* region, Action* chosen);

}  // namespace tandem::cli
