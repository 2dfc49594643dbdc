// SPDX-License-Identifier: Apache-2.0

// Reads the literals of a filter in the type of the field they are compared with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/indexed_fields.h"
#include "query/filter_ast.h"

namespace tandem::query {

// The value of `text` for an integer, bool, enum or timestamp field, as the catalog keeps it. A
// failure's message names what was expected, for example "an integer".
absl::StatusOr<int64_t> ReadNumber(const FilterText& text, const catalog::IndexedField& field);

// The names of an enum field's values, separated by ", ".
std::string EnumNames(const catalog::IndexedField& field);

}  // namespace tandem::query
