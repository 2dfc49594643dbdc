// SPDX-License-Identifier: Apache-2.0

// Reads JSON of any length piece by piece: of a list the elements, of a page of a list those too,
// of lines of JSON each line's value. Memory holds one piece at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include "absl/status/status.h"
#include "nlohmann/json.hpp"

namespace tandem::cli {

struct JsonElementHandlers {
  // An element of the list that is the whole value ("" as `key`), or of the list that is the member
  // `key` of the object that is the whole value, when `is_list` says so of the key.
  std::function<absl::Status(const std::string& key, const nlohmann::json& element)> element;
  std::function<bool(const std::string& key)> is_list;
  // A value that is no list, without the members that were handed out by elements; `had_elements`
  // tells whether there were such.
  std::function<absl::Status(const nlohmann::json& value, bool had_elements)> whole;
};

// Most values in one piece; beyond it the text is refused, so that memory stays bounded.
inline constexpr int64_t kMostJsonPieceValues = 4'000'000;

// Reads all values of `in`, one after the other, into the handlers; the first status that is not OK
// ends it. FILE_INVALID with `name` and the line for what is no JSON, LIMIT_EXCEEDED for a piece
// that is too large.
absl::Status ReadJsonElements(const std::string& name, std::istream& in,
                              const JsonElementHandlers& handlers);

}  // namespace tandem::cli
