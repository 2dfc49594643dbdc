// SPDX-License-Identifier: Apache-2.0

// `tandem pairing accept|decline|agree|…`: a command a verb of a pairing's life, and what is
// recorded beside it: follow-ups, activities, progress.
#pragma once

#include "CLI/App.hpp"

#include "cli/command.h"

namespace tandem::cli {

// Adds the verbs, `follow-up` and `progress` to the noun `pairing`.
void AddPairingCommands(CLI::App* pairing, Action* chosen);

// Adds `log`, which sends a file of activities.
void AddActivityLogCommand(CLI::App* pairing, Action* chosen);

}  // namespace tandem::cli
