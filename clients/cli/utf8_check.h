// SPDX-License-Identifier: Apache-2.0

// Whether bytes are UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace tandem::cli {

// The offset of the first byte that is not part of well-formed UTF-8; nullopt when all are.
std::optional<size_t> InvalidUtf8At(std::string_view text);

}  // namespace tandem::cli
