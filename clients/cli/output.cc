// SPDX-License-Identifier: Apache-2.0

#include "cli/output.h"

namespace tandem::cli {
namespace {

constexpr OutputChoice kChoices[] = {{"table", OutputFormat::kTable, false},
                                     {"wide", OutputFormat::kTable, true},
                                     {"json", OutputFormat::kJson, false},
                                     {"yaml", OutputFormat::kYaml, false},
                                     {"name", OutputFormat::kName, false}};

}  // namespace

const std::vector<std::string>& OutputFormatWords() {
  static const auto* const kWords = [] {
    auto* words = new std::vector<std::string>;
    for (const OutputChoice& choice : kChoices) words->emplace_back(choice.word);
    return words;
  }();
  return *kWords;
}

const OutputChoice* FindOutputChoice(std::string_view word) {
  for (const OutputChoice& choice : kChoices) {
    if (word == choice.word) return &choice;
  }
  return nullptr;
}

}  // namespace tandem::cli
