// SPDX-License-Identifier: Apache-2.0

// What may stand next on a command line. Pure functions over the tree of commands; names of records
// come from whoever is asked for them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "CLI/App.hpp"

namespace tandem::cli {

// One word that fits, and what it is.
struct Candidate {
  std::string word;
  std::string description;
};

// Names of the kind `noun` ("agency", "match", "plugin", "context") that begin with `prefix`, with
// their display names. May be slow or fail: then it answers none.
using NamesOf =
    std::function<std::vector<Candidate>(const std::string& noun, const std::string& prefix)>;

struct Completion {
  // Every candidate begins with the word at the cursor.
  std::vector<Candidate> candidates;
  // Paths of files fit too; the shell knows them.
  bool files = false;
};

// Puts together words that bash cut: it hands over "--output=json" as three and "host:port" too.
std::vector<std::string> JoinBrokenWords(const std::vector<std::string>& words);

// Completes the last of `words` (it may be empty), whole ones that follow the program's name.
Completion Complete(const CLI::App& root, std::vector<std::string> words, const NamesOf& names_of);

}  // namespace tandem::cli
