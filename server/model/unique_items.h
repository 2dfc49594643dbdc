// SPDX-License-Identifier: Apache-2.0

// Finds elements of a repeated field that say the same thing twice. Part of the record rules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "model/absl_strings.h"
#include "model/record_rules.h"

namespace tandem::model {

// Adds a finding for each element whose key, key_of(element), an earlier one has. `path` is the
// key's field in the element; empty for lists of plain texts. Elements with an empty key are left
// out.
template <typename List, typename KeyOf>
void CheckUnique(const List& elements, std::string_view list, std::string_view path, KeyOf key_of,
                 RuleFindings* findings) {
  if (elements.size() < 2) return;
  absl::flat_hash_map<std::string, int> first;
  int index = 0;
  for (const auto& element : elements) {
    std::string key(key_of(element));
    if (!key.empty()) {
      auto [it, added] = first.emplace(key, index);
      if (!added) {
        findings->AddAt(list, index, path,
                        StrCat("\"", key, "\" stands in ", list, "[", it->second, "] already"));
      }
    }
    ++index;
  }
}

// The same for a list of texts.
template <typename List>
void CheckUniqueTexts(const List& elements, std::string_view list, RuleFindings* findings) {
  CheckUnique(
      elements, list, "", [](const std::string& text) { return text; }, findings);
}

}  // namespace tandem::model
