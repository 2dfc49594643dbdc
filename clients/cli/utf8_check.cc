// SPDX-License-Identifier: Apache-2.0

#include "cli/utf8_check.h"

#include <unicode/utf8.h>

#include "fmt/format.h"

namespace tandem::cli {

std::optional<size_t> InvalidUtf8At(std::string_view text) {
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t start = at;
    UChar32 character = 0;
    U8_NEXT(text.data(), at, size, character);
    if (character < 0) return static_cast<size_t>(start);
  }
  return std::nullopt;
}

std::string InvalidTextMessage(std::string_view text, size_t offset) {
  // A lone surrogate from U+DC00 on, in three bytes: see text_decoder.h.
  const bool escaped = offset + 3 <= text.size() && text[offset] == '\xED' &&
                       static_cast<unsigned char>(text[offset + 1]) >= 0xB0;
  if (!escaped) return "the bytes here are no UTF-8";
  const int byte = ((text[offset + 1] & 0x03) << 6) | (text[offset + 2] & 0x3F);
  return fmt::format("the byte 0x{:02X} here is no text in the file's encoding", byte);
}

}  // namespace tandem::cli
