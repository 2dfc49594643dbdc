// SPDX-License-Identifier: Apache-2.0

// Manual pages from the tree of commands. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "CLI/App.hpp"

namespace tandem::cli {

// One page in the format of man(7).
struct ManPage {
  // "tandem-agency.1".
  std::string file;
  std::string text;
};

// The page of the program, with the commands, the options of all of them and the program's footer,
// then one page a top command. `version` stands in their foot lines.
std::vector<ManPage> ManPages(const CLI::App& root, const std::string& version);

// `text` as roff prints it: backslashes, hyphens and what would be a request at a line's begin are
// escaped.
std::string RoffText(const std::string& text);

}  // namespace tandem::cli
