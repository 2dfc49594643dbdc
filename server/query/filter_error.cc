// SPDX-License-Identifier: Apache-2.0

#include "query/filter_error.h"

#include <algorithm>

#include "model/absl_strings.h"
#include "model/error.h"
#include "query/utf8.h"

namespace tandem::query {
namespace {

// More of the offending text helps nobody and would crowd out the list of allowed names.
constexpr size_t kMaxShownBytes = 80;
// The message is for people; the metadata has the whole list.
constexpr size_t kMaxListedBytes = 240;

// The names that fit, and a sign when there are more.
std::string Listed(const std::string& allowed) {
  if (allowed.size() <= kMaxListedBytes) return allowed;
  return allowed.substr(0, allowed.rfind(", ", kMaxListedBytes)) + ", …";
}

}  // namespace

absl::Status FilterError(std::string_view filter, const FilterFault& fault) {
  const size_t offset = std::min(fault.offset, filter.size());
  const std::string position = StrCat(CountCharacters(filter.substr(0, offset)) + 1);
  const std::string text(CutAtCharacter(fault.text, kMaxShownBytes));
  const std::string found = text.empty() ? "the end" : StrCat("\"", text, "\"");
  std::string message =
      StrCat("filter, character ", position, ": expected ", fault.expected, ", found ", found);
  if (!fault.allowed.empty()) StrAppend(&message, "; allowed: ", Listed(fault.allowed));
  return model::MakeError(model::Reason::kFilterInvalid, message,
                          {{"field", "filter"},
                           {"position", position},
                           {"text", text},
                           {"expected", fault.expected},
                           {"allowed", fault.allowed}});
}

}  // namespace tandem::query
