// SPDX-License-Identifier: Apache-2.0

// The one place where FILTER_INVALID is made, so that every such error names the place, the
// offending text and what would have been right. Used by the lexer, the parser and the checker.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tandem::query {

// What is wrong at one place of a filter.
struct FilterFault {
  // Byte offset in the filter where the offending text starts.
  size_t offset = 0;
  // The offending text; empty at the end of the filter. Longer ones are cut in the error.
  std::string_view text;
  // What would have been right there, for example "an integer".
  std::string expected;
  // The names allowed there, separated by ", ": fields, enum values or functions. May be empty.
  std::string allowed;
};

// FILTER_INVALID. Metadata: `field` ("filter"), `position` (first character of the offending text,
// counted in Unicode characters from 1), `text`, `expected` and `allowed`, all five always sent.
absl::Status FilterError(std::string_view filter, const FilterFault& fault);

}  // namespace tandem::query
