// SPDX-License-Identifier: Apache-2.0

// Full-width letters, digits and signs as keyboards for Chinese write them. A pure function.
#pragma once

#include <string>
#include <string_view>

namespace tandem::cli {

// `text` with full-width forms (U+FF01 to U+FF5E) as ASCII, the ideographic and the no-break space
// as a blank, and characters of no width (U+200B to U+200D, U+2060, U+FEFF) left out: what a
// number, date or code means. Blanks at both ends go.
std::string FoldWidth(std::string_view text);

}  // namespace tandem::cli
