// SPDX-License-Identifier: Apache-2.0

// The words of a command line against the tree of commands. The grammar is `tandem NOUN VERB …`;
// `tandem VERB NOUN …`, as kubectl has it, is put into that order. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "CLI/App.hpp"

namespace tandem::cli {

// `arguments` with the noun first:
//
//   describe agency x       → agency describe x
//   get agencies            → agency list         (no name: the list)
//   delete offers/x offer/y → offer delete offers/x offer/y
//   help agency get         → agency get --help
//
// What is not of that form stays as it is.
std::vector<std::string> NounFirst(const CLI::App& root, std::vector<std::string> arguments);

// Walks `arguments`, noun first, down the tree to the first word that it does not know and says
// what was probably meant; empty when every word is known.
std::string UnknownWord(const CLI::App& root, const std::vector<std::string>& arguments);

// The parser's message with the nearest choice added, when it is about a word that is none of a
// list: "SHELL: bsh not in {bash,zsh,fish}".
std::string WithNearestChoice(const std::string& message);

// The words one may write after `app`: its commands and their aliases.
std::vector<std::string> CommandWords(const CLI::App& app);

// The long options one may write at `app`, those of the commands above it too, with their dashes.
std::vector<std::string> OptionWords(const CLI::App& app);

// The option `written` ("--filter", "--filter=x" or "-o") of `app` or a command above it; nullptr
// when there is none.
const CLI::Option* FindOption(const CLI::App& app, const std::string& written);

// Whether the word after `option` is its value.
bool TakesValue(const CLI::Option& option);

}  // namespace tandem::cli
