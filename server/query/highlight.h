// SPDX-License-Identifier: Apache-2.0

// Which parts of a text a search found, for screens.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/search_words.h"

namespace tandem::query {

// A part of a text in code points, end not included.
struct TextSpan {
  int32_t begin = 0;
  int32_t end = 0;
  friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

// The parts of `text` that words of `search` stand for, ascending and apart; empty when none does.
// Pinyin and initials mark the characters they read. `loose`: also with one typo, or apart.
std::vector<TextSpan> FindSpans(const SearchText& search, std::string_view text, bool loose);

}  // namespace tandem::query
