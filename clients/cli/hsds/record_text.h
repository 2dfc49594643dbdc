// SPDX-License-Identifier: Apache-2.0

// Text of other systems made fit for a record: no controls, no more than a field holds. Pure
// functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tandem::cli {

// What fields of the directory hold: a title and a text in code points, a label's value in bytes.
inline constexpr size_t kMostTitlePoints = 200;
inline constexpr size_t kMostTextPoints = 2000;
inline constexpr size_t kMostLabelBytes = 256;

// `text` in one line: every run of blanks and controls is one blank, none at the ends.
std::string OneLineText(std::string_view text);
// `text` with its lines: LF only, no other controls but tabs, no blanks at the ends.
std::string LinesText(std::string_view text);
// The first `most` code points of `text`; `*cut` tells whether there were more.
std::string FirstCodePoints(std::string_view text, size_t most, bool* cut);

}  // namespace tandem::cli
