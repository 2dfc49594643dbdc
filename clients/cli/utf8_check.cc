// SPDX-License-Identifier: Apache-2.0

#include "cli/utf8_check.h"

#include <unicode/utf8.h>

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

}  // namespace tandem::cli
