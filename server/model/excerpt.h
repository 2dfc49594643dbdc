// SPDX-License-Identifier: Apache-2.0

// The beginning of a text, for error messages that show what somebody sent. Half a character at its
// end would be no UTF-8, and a client could not read the error at all.
#pragma once

#include <string_view>

namespace tandem::model {

// At most `max_bytes` of `text`, which is UTF-8, cut at a character's border.
inline std::string_view Excerpt(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace tandem::model
