// SPDX-License-Identifier: Apache-2.0

// How many terminal columns a text takes: East Asian wide and full-width characters take two, marks
// that combine with the character before them take none (Unicode Standard Annex 11).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tandem::cli {

// Columns of `text`, UTF-8. Control characters count nothing; invalid bytes count one each.
size_t DisplayWidth(std::string_view text);

// `text` with spaces after it up to `width` columns; longer texts stay as they are.
std::string PadRight(std::string_view text, size_t width);
// `text` with spaces before it up to `width` columns.
std::string PadLeft(std::string_view text, size_t width);

// `text` cut to at most `width` columns, with "…" at its end when something was cut.
std::string CutToWidth(std::string_view text, size_t width);

// `text` on one line and without control characters, so that a record's text can't move the cursor
// or colour the terminal: each control character becomes a space.
std::string OneLine(std::string_view text);

}  // namespace tandem::cli
