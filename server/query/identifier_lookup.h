// SPDX-License-Identifier: Apache-2.0

// Who has a registration number. Costs what the number is found at, not the directory.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/view.h"
#include "query/scope.h"

namespace tandem::query {

// An agency that has the number.
struct IdentifierHolder {
  catalog::RowRef row;
  bool verified = false;
};

// The agencies in `scope` that have (scheme, value), the value as records keep it
// (model::NormaliseIdentifier): the verified one first, also when it is deleted, then live ones by
// name. At most `limit`, which is not 0; records that have the value under other schemes are passed
// over. Holders are valid as long as the view.
std::vector<IdentifierHolder> FindIdentifier(const catalog::View& view, std::string_view scheme,
                                             std::string_view value, const Scope& scope,
                                             size_t limit);

}  // namespace tandem::query
