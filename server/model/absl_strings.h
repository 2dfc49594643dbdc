// SPDX-License-Identifier: Apache-2.0

// Bridges std::string_view and absl::string_view: Debian's Abseil is built with a view type of its
// own, and neither converts to the other. Our code speaks std::string_view; this is where it meets
// Abseil.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace tandem {

// The same bytes as the other library's view.
inline absl::string_view ToAbsl(std::string_view view) { return {view.data(), view.size()}; }
inline std::string_view ToStd(absl::string_view view) { return {view.data(), view.size()}; }

// An argument as absl::StrCat takes it.
template <typename T>
decltype(auto) CatArgument(const T& argument) {
  if constexpr (std::is_same_v<T, std::string_view>) {
    return ToAbsl(argument);
  } else {
    return (argument);
  }
}

// absl::StrCat that takes std::string_view too.
template <typename... Arguments>
std::string StrCat(const Arguments&... arguments) {
  return absl::StrCat(CatArgument(arguments)...);
}

// absl::StrAppend that takes std::string_view too. No argument may point into `*out`.
template <typename... Arguments>
void StrAppend(std::string* out, const Arguments&... arguments) {
  absl::StrAppend(out, CatArgument(arguments)...);
}

}  // namespace tandem
