// SPDX-License-Identifier: Apache-2.0

// The tree a filter text becomes: what was written, with the place of each part, before anything is
// known about the resource it filters. The parser makes it; the checker turns it into a typed
// condition.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace tandem::query {

// A comparison sign. kHas is the colon.
enum class FilterOperator { kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual, kHas };

// A word or quoted string as it was written.
struct FilterText {
  // Byte offset of its first character (of the quote for a string).
  size_t offset = 0;
  // Bytes it takes in the filter, quotes included.
  size_t length = 0;
  // The value: escapes of a quoted string resolved, without the stars that stand at its ends.
  std::string value;
  // Whether it was quoted. An unquoted value is never a pattern.
  bool quoted = false;
  // A quoted string started or ended with an unescaped star.
  bool any_prefix = false;
  bool any_suffix = false;
};

// One node. Which members are used depends on `kind`.
struct FilterNode {
  enum class Kind {
    kAnd,       // all of `children`; none at all is the empty filter, which matches everything
    kOr,        // one of `children`
    kNot,       // not the only child
    kCompare,   // `path` `op` `value`
    kWord,      // a bare word or string: `value`
    kFunction,  // `path`(`arguments`)
  };

  Kind kind = Kind::kAnd;
  std::vector<FilterNode> children;
  // Field path or function name, one entry a part.
  std::vector<FilterText> path;
  FilterOperator op = FilterOperator::kEqual;
  FilterText value;
  std::vector<FilterText> arguments;
};

}  // namespace tandem::query
