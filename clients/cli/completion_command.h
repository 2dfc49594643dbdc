// SPDX-License-Identifier: Apache-2.0

// `tandem completion SHELL`, and `tandem __complete WORD…`, which the scripts call.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"

namespace tandem::cli {

void AddCompletionCommand(CLI::App* root, Action* chosen);

// Prints what may stand in the place of the last of the words, which a shell may have broken. Asks
// a server for names where names fit, for half a second at most. Never fails: what can't be told is
// left out.
ExitCode RunComplete(const CLI::App& root, const std::vector<std::string>& broken, Streams streams);

}  // namespace tandem::cli
