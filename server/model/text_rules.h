// SPDX-License-Identifier: Apache-2.0

// What text may hold and in which form it is kept: UTF-8, Unicode normal form C, no invisible or
// direction-changing characters that could make two different texts look alike. Pure functions.
#pragma once

#include <string>
#include <string_view>

namespace tandem::model {

// Which line structure a text may have.
enum class TextKind {
  // One line: names, codes, marks.
  kLine,
  // Newlines and tabs too: descriptions.
  kLines,
};

// Code points of `text`, which must be UTF-8.
size_t CodePointCount(std::string_view text);

// Whether every character is printable ASCII, a common Chinese one (U+4E00 to U+9FFF) or Chinese
// punctuation: most texts. Such a text is in normal form C and TextProblem finds nothing in it.
bool IsPlainText(std::string_view text);

// Turns `text` into normal form C. Leaves text that is not UTF-8 as it is.
void NormaliseText(std::string* text);

// What is wrong with `text`, for people, naming the character and its position; empty when nothing
// is. Refused: broken UTF-8, controls, line separators, bidi overrides and isolates, zero-width and
// other format characters (joiners are allowed where the script needs them), private use,
// unassigned and noncharacters.
std::string TextProblem(std::string_view text, TextKind kind);

}  // namespace tandem::model
