// SPDX-License-Identifier: Apache-2.0

#include "query/name_list.h"

#include "absl/strings/ascii.h"
#include "model/absl_strings.h"

namespace tandem::query {

std::string JoinNames(const std::vector<std::string_view>& names, std::string_view separator) {
  std::string joined;
  for (size_t i = 0; i < names.size(); ++i) {
    if (i > 0) joined += separator;
    joined += names[i];
  }
  return joined;
}

std::vector<std::string_view> SplitNames(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

std::string_view WithoutBlanks(std::string_view text) {
  return ToStd(absl::StripAsciiWhitespace(ToAbsl(text)));
}

}  // namespace tandem::query
