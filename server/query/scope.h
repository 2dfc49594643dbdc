// SPDX-License-Identifier: Apache-2.0

// What a caller may see, as the authoriser decided it: a region's subtree, categories' subtrees,
// own records. Every query plan ANDs it in, also while it means "everything".
#pragma once

#include <string>
#include <vector>

#include "model/record_type.h"
#include "query/condition.h"

namespace tandem::query {

// Each part narrows on its own; an empty part does not narrow. A part does not apply to resources
// that have no such field (rounds lie in no region).
struct Scope {
  // Only records in one of these regions or below ("regions/33").
  std::vector<std::string> regions;
  // Only records of one of these categories or below ("serviceCategories/elderly").
  std::vector<std::string> categories;
  // Only records of this owner.
  std::string owner;

  bool everything() const { return regions.empty() && categories.empty() && owner.empty(); }
};

// The condition a record of `type` must meet to be in `scope`; an empty kAll for everything.
Condition ScopeCondition(const Scope& scope, model::RecordType type);

}  // namespace tandem::query
