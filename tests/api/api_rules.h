// SPDX-License-Identifier: Apache-2.0

// The rules that every served .proto keeps beyond what buf's linter knows, each a function from a
// set of files to the places that break it. What a rule lets pass is data in api_rules.cc, with the
// reason.
//
// Removed numbers are compared with the last release's descriptor set by `buf breaking`, once there
// is a release.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace tandem::api {

// One sentence a finding, led by the full name of the element that breaks the rule.
using Findings = std::vector<std::string>;
using Files = std::vector<const google::protobuf::FileDescriptor*>;

// A rule and what it asks, as a test's name.
struct Rule {
  std::string name;
  std::function<Findings(const Files&)> check;
};
// What GoogleTest calls a rule in its messages.
inline void PrintTo(const Rule& rule, std::ostream* out) { *out << rule.name; }

// How resources and their methods look.
std::vector<Rule> ResourceRules();
// Files, names, types and comments.
std::vector<Rule> ElementRules();

}  // namespace tandem::api
