// SPDX-License-Identifier: Apache-2.0

#include "cli/display_width.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace tandem::cli {
namespace {

constexpr char kEllipsis[] = "…";

// Reads the character at `*offset` and moves past it; negative for an invalid byte.
UChar32 NextCharacter(std::string_view text, size_t* offset) {
  auto at = static_cast<int32_t>(*offset);
  UChar32 character = 0;
  U8_NEXT(text.data(), at, static_cast<int32_t>(text.size()), character);
  *offset = static_cast<size_t>(at);
  return character;
}

size_t CharacterWidth(UChar32 character) {
  if (character < 0) return 1;
  switch (u_charType(character)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
      return 0;
    default:
      break;
  }
  switch (u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH)) {
    case U_EA_WIDE:
    case U_EA_FULLWIDTH:
      return 2;
    default:
      // Ambiguous ones (→, ·, ✓) take one column in every terminal that is not set to a legacy
      // width.
      return 1;
  }
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t offset = 0; offset < text.size();) {
    width += CharacterWidth(NextCharacter(text, &offset));
  }
  return width;
}

std::string PadRight(std::string_view text, size_t width) {
  std::string out(text);
  const size_t taken = DisplayWidth(text);
  if (taken < width) out.append(width - taken, ' ');
  return out;
}

std::string PadLeft(std::string_view text, size_t width) {
  const size_t taken = DisplayWidth(text);
  return std::string(taken < width ? width - taken : 0, ' ').append(text);
}

std::string CutToWidth(std::string_view text, size_t width) {
  if (DisplayWidth(text) <= width) return std::string(text);
  if (width == 0) return "";
  size_t taken = 0;
  size_t end = 0;
  for (size_t offset = 0; offset < text.size();) {
    taken += CharacterWidth(NextCharacter(text, &offset));
    if (taken > width - 1) break;
    end = offset;
  }
  return std::string(text.substr(0, end)).append(kEllipsis);
}

std::string OneLine(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t offset = 0; offset < text.size();) {
    const size_t start = offset;
    const UChar32 character = NextCharacter(text, &offset);
    if (character < 0) {
      out.append("\uFFFD");
    } else if (u_charType(character) == U_CONTROL_CHAR || character == 0x2028 ||
               character == 0x2029) {
      out.push_back(' ');
    } else {
      out.append(text.substr(start, offset - start));
    }
  }
  return out;
}

}  // namespace tandem::cli
