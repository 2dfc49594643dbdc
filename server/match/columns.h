// SPDX-License-Identifier: Apache-2.0

// The one list of columns the server can offer a plugin: what a manifest may name under "reads".
// Every column has a table, a name, a type, the values its codes stand for, and a meaning. A plugin
// gets only what its manifest reads; a name that is not in this list is refused when a run starts.
//
// Codes are comparable: two columns of the same `values` have the same dictionary, in both tables,
// so equal codes mean equal values. kPlacesAndNeeds begins with exactly the codes of kRegions, so
// those two are comparable as well. Dictionaries are sorted within each part and hold full resource
// names ("regions/632323") unless said otherwise; their content is a function of the run's inputs.
//
// A null cell means "not reported" and is never to be read as zero.
#pragma once

#include <string_view>

#include "absl/types/span.h"
#include "plugin/column_set.h"

namespace tandem::match {

// Which table a column belongs to.
enum class ColumnTable { kNeeds, kOffers };

// What the codes of a column stand for; kNone for plain numbers.
enum class ColumnValues {
  kNone,
  kRegions,
  kPlacesAndNeeds,
  kCategories,
  kLanguages,
  kAgencies,
  kDesignations,
  kOffers,
  kCorridors,
  // Code c is the number c; the dictionary holds "0", "1" …
  kSmallNumbers,
};

// One column.
struct ColumnSpec {
  ColumnTable table;
  std::string_view name;
  plugin::ColumnType type;
  ColumnValues values;
  // Cells may be null.
  bool nullable;
  // One sentence for people.
  std::string_view meaning;
};

// Every column, needs first.
absl::Span<const ColumnSpec> AllColumns();

// The column of that name; null when the server offers none.
const ColumnSpec* FindColumn(ColumnTable table, std::string_view name);

}  // namespace tandem::match
