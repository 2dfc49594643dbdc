// SPDX-License-Identifier: Apache-2.0

// What passes although a rule says otherwise, as data with the reason. Read by the rules and by the
// test that takes care that no entry outlives its element.
#pragma once

#include <string_view>

namespace tandem::api {

// One element that one rule lets pass.
struct Exemption {
  std::string_view rule;
  // Full name in the protos.
  std::string_view element;
  std::string_view reason;
};

inline constexpr Exemption kExemptions[] = {
    {"ResourcesStartWithTheStandardFields", "tandem.v1.Match",
     "read only and stored in chunks of its run, whose uid, times and etag it shares"},
    {"IdsAreStrings", "tandem.v1.Plugin.process_id", "a number of the operating system"},
    {"IdsAreStrings", "tandem.v1.Agency.source_ids",
     "a message a source: the source's name and the id there, which is a string"},
};

// Whether `rule` lets `element` pass.
inline bool Exempt(std::string_view rule, std::string_view element) {
  for (const Exemption& exemption : kExemptions) {
    if (exemption.rule == rule && exemption.element == element) return true;
  }
  return false;
}

}  // namespace tandem::api
