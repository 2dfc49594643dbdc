// SPDX-License-Identifier: Apache-2.0

// What regions and categories have beside the standard commands, as both change over time:
// `resolve`, `count` and `stale`.
#pragma once

#include "cli/command.h"
#include "cli/noun.h"

namespace tandem::cli {

void AddUnitCommands(CLI::App* parent, Action* chosen, const Noun& noun);

}  // namespace tandem::cli
