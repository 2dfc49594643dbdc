// SPDX-License-Identifier: Apache-2.0

// The whole command line: builds the tree of commands, parses, runs, and turns every outcome into
// an exit code.
#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/session.h"

namespace tandem::cli {

// Adds every command and flag of `tandem` to `root`. `options` and `chosen` are filled by parsing
// and must live as long as the tree.
void AddAllCommands(CLI::App* root, GlobalOptions* options, Action* chosen);

// Runs `tandem` with `arguments` (without the program's name).
ExitCode RunCommandLine(const std::vector<std::string>& arguments, Streams streams);

}  // namespace tandem::cli
