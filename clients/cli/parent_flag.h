// SPDX-License-Identifier: Apache-2.0

// The flag that says below which record those of a child noun lie: `tandem contact list --agency
// x`.
#pragma once

#include <string>

#include "CLI/App.hpp"
#include "absl/status/statusor.h"

#include "cli/noun.h"

namespace tandem::cli {

// Adds the flag to a command of `noun`; nothing for a noun at the top. `parent` gets what was
// written.
void AddParentFlag(CLI::App* app, const Noun& noun, std::string* parent);

// The full name of the parent that was written; empty when none was.
std::string ParentName(const Noun& noun, const std::string& parent);

// The parent that stands for all of them, "agencies/-", in a list of a child noun; empty for a noun
// at the top.
std::string EveryParent(const Noun& noun);

// The full name of a record from what was written for it and for its parent. A usage error when
// only both together would say it.
absl::StatusOr<std::string> RecordName(const Noun& noun, const std::string& written,
                                       const std::string& parent);

}  // namespace tandem::cli
