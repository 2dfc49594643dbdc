// SPDX-License-Identifier: Apache-2.0

#include "cli/text_wrap.h"

#include <algorithm>

#include "cli/display_width.h"

namespace tandem::cli {
namespace {

// Bytes of the character that begins with `first`.
size_t CharacterBytes(unsigned char first) {
  if (first < 0xC0U) return 1;
  if (first < 0xE0U) return 2;
  return first < 0xF0U ? 3 : 4;
}

// Marks that must not begin a line.
bool ClosesText(std::string_view character) {
  for (std::string_view mark : {"，", "。", "、", "；", "：", "）", "」", "》", "！", "？", "”"}) {
    if (character == mark) return true;
  }
  return false;
}

// The unbreakable pieces of a text; a piece that follows a blank begins with it.
std::vector<std::string_view> Pieces(std::string_view text) {
  std::vector<std::string_view> pieces;
  size_t start = 0;
  bool after_wide = false;
  for (size_t at = 0; at < text.size();) {
    const size_t bytes =
        std::min(CharacterBytes(static_cast<unsigned char>(text[at])), text.size() - at);
    const std::string_view character = text.substr(at, bytes);
    const bool wide = DisplayWidth(character) == 2;
    const bool breaks = text[at] == ' ' || ((wide || after_wide) && !ClosesText(character));
    const size_t blank = text[start] == ' ' ? 1 : 0;
    if (breaks && at > start + blank) {
      pieces.push_back(text.substr(start, at - start));
      start = at;
    }
    after_wide = wide;
    at += bytes;
  }
  if (start < text.size()) pieces.push_back(text.substr(start));
  return pieces;
}

void WrapParagraph(std::string_view text, size_t width, std::vector<std::string>* lines) {
  std::string line;
  size_t taken = 0;
  for (std::string_view piece : Pieces(text)) {
    const size_t needed = DisplayWidth(piece);
    if (taken > 0 && taken + needed > width) {
      lines->push_back(std::move(line));
      line.clear();
      taken = 0;
      if (piece.front() == ' ') piece.remove_prefix(1);
    }
    line += piece;
    taken += DisplayWidth(piece);
  }
  lines->push_back(std::move(line));
}

}  // namespace

std::vector<std::string> WrapText(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  for (size_t start = 0;;) {
    const size_t end = text.find('\n', start);
    WrapParagraph(OneLine(text.substr(start, end - start)), width, &lines);
    if (end == std::string_view::npos) return lines;
    start = end + 1;
  }
}

}  // namespace tandem::cli
