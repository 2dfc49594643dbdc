// SPDX-License-Identifier: Apache-2.0

// The scripts that make a shell ask `tandem __complete` for words. They hold no word of the command
// line themselves, so they stay right when the program is replaced.
#pragma once

#include <string>
#include <vector>

namespace tandem::cli {

// "bash", "zsh", "fish".
const std::vector<std::string>& CompletionShells();

// The script for one of them.
std::string CompletionScript(const std::string& shell);

}  // namespace tandem::cli
