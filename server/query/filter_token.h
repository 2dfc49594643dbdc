// SPDX-License-Identifier: Apache-2.0

// Cuts a filter text into tokens, one at a time. The parser says whether it wants the next token as
// a field (dots separate) or as a value (dots belong to it), because `91.5` and `a.b` look alike.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/status/statusor.h"
#include "query/filter_ast.h"

namespace tandem::query {

// One token.
struct FilterToken {
  enum class Kind { kEnd, kWord, kString, kOperator, kDot, kComma, kOpen, kClose };

  Kind kind = Kind::kEnd;
  // Whether a blank or the start of the filter stands before it.
  bool blank_before = true;
  // Set for kOperator.
  FilterOperator op = FilterOperator::kEqual;
  // Place of every token; the value too for kWord and kString.
  FilterText text;
};

// Reads tokens from a text that must outlive it. Not thread-safe.
class FilterLexer {
 public:
  // How a word is delimited.
  enum class Mode {
    kField,  // ends at a dot or colon
    kValue,  // dots belong to it; so do colons once it starts with a digit, for times of day
  };

  explicit FilterLexer(std::string_view filter) : filter_(filter) {}

  // The next token; kEnd for ever once the text is used up. FILTER_INVALID on an open quote, an
  // unknown escape, a star inside a string or a control character.
  absl::StatusOr<FilterToken> Next(Mode mode);

 private:
  size_t BlankLength(size_t offset) const;
  size_t WordEnd(Mode mode) const;
  std::string_view EscapeAt(size_t offset) const;
  absl::StatusOr<FilterToken> NextString(FilterToken token);

  std::string_view filter_;
  size_t offset_ = 0;
};

}  // namespace tandem::query
