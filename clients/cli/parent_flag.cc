// SPDX-License-Identifier: Apache-2.0

#include "cli/parent_flag.h"

#include "cli/session.h"

namespace tandem::cli {

void AddParentFlag(CLI::App* app, const Noun& noun, std::string* parent) {
  if (noun.parent_word.empty()) return;
  app->add_option("--" + noun.parent_word, *parent,
                  "The " + noun.parent_word + " they belong to, where no full name says it");
}

std::string ParentName(const Noun& noun, const std::string& parent) {
  return parent.empty() ? "" : FindNoun(noun.parent_word).FullName(parent);
}

std::string EveryParent(const Noun& noun) {
  return noun.parent_word.empty() ? "" : FindNoun(noun.parent_word).FullName("-");
}

absl::StatusOr<std::string> RecordName(const Noun& noun, const std::string& written,
                                       const std::string& parent) {
  const bool bare = written.find('/') == std::string::npos;
  if (bare && parent.empty() && !noun.parent_word.empty()) {
    return UsageError("which " + noun.parent_word + "? write " + noun.NamePattern() + ", or --" +
                      noun.parent_word + " beside the id");
  }
  return noun.FullName(written, ParentName(noun, parent));
}

}  // namespace tandem::cli
