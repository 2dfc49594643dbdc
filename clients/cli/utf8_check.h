// SPDX-License-Identifier: Apache-2.0

// Whether bytes are UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace tandem::cli {

// The offset of the first byte that is not part of well-formed UTF-8; nullopt when all are.
std::optional<size_t> InvalidUtf8At(std::string_view text);

// What to say of that byte: that it is no UTF-8, or, when it came through a TextDecoder, that it is
// no text in the file's encoding.
std::string InvalidTextMessage(std::string_view text, size_t offset);

}  // namespace tandem::cli
