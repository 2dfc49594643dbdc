// SPDX-License-Identifier: Apache-2.0

// Breaks long texts into lines of a terminal's width. Pure function.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {

// The lines of `text`, each at most `width` columns wide unless one word alone is wider. Lines
// break at blanks and, in Chinese text, between any two wide characters; a line end in `text`
// always breaks. At least one line.
std::vector<std::string> WrapText(std::string_view text, size_t width);

}  // namespace tandem::cli
