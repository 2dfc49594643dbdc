// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/record_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace tandem::cli {
namespace {

// Characters the directory keeps out of text: controls, separators, formats that change its look.
bool IsBlankOrControl(UChar32 c) {
  if (c == 0x200C || c == 0x200D) return false;
  const int8_t type = u_charType(c);
  return u_isUWhiteSpace(c) != 0 || type == U_CONTROL_CHAR || type == U_FORMAT_CHAR ||
         type == U_LINE_SEPARATOR || type == U_PARAGRAPH_SEPARATOR || type == U_PRIVATE_USE_CHAR ||
         type == U_UNASSIGNED || type == U_SURROGATE;
}

}  // namespace

std::string OneLineText(std::string_view text) {
  std::string line;
  bool blank = false;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    if (c < 0 || IsBlankOrControl(c)) {
      blank = true;
      continue;
    }
    if (blank && !line.empty()) line.push_back(' ');
    blank = false;
    line.append(text.substr(static_cast<size_t>(start), static_cast<size_t>(at - start)));
  }
  return line;
}

std::string LinesText(std::string_view text) {
  std::string lines;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t start = at;
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    const std::string_view bytes =
        text.substr(static_cast<size_t>(start), static_cast<size_t>(at - start));
    if (c == '\n' || c == '\t' || c == ' ' || c == 0x3000 || (c >= 0 && !IsBlankOrControl(c))) {
      lines.append(bytes);
    } else if (c == '\r') {
      // CRLF is one line end.
      if (at >= size || text[static_cast<size_t>(at)] != '\n') lines.push_back('\n');
    } else if (c >= 0 && u_isUWhiteSpace(c) != 0) {
      lines.push_back(' ');
    }
  }
  const size_t first = lines.find_first_not_of(" \t\n");
  if (first == std::string::npos) return "";
  return lines.substr(first, lines.find_last_not_of(" \t\n") - first + 1);
}

std::string FirstCodePoints(std::string_view text, size_t most, bool* cut) {
  size_t points = 0;
  size_t at = 0;
  for (; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
    if (begins && points++ == most) break;
  }
  *cut = at < text.size();
  return std::string(text.substr(0, at));
}

}  // namespace tandem::cli
