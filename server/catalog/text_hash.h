// SPDX-License-Identifier: Apache-2.0

// Hash tables keyed by text that are searched by std::string_view: the packaged Abseil's own text
// hash takes another view type.
#pragma once

#include <xxhash.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace tandem::catalog {

// XXH3, 64 bits. Not for disk.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return XXH3_64bits(text.data(), text.size()); }
};

template <typename Value>
using TextMap = absl::flat_hash_map<std::string, Value, TextHash, std::equal_to<>>;
using TextSet = absl::flat_hash_set<std::string, TextHash, std::equal_to<>>;
// Keys point elsewhere.
template <typename Value>
using TextViewMap = absl::flat_hash_map<std::string_view, Value, TextHash, std::equal_to<>>;
using TextViewSet = absl::flat_hash_set<std::string_view, TextHash, std::equal_to<>>;

}  // namespace tandem::catalog
