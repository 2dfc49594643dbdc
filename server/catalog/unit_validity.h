// SPDX-License-Identifier: Apache-2.0

// From when to when a unit (a region or a category) is valid and who follows it, as its row tells.
// Nothing is read from disk.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "catalog/indexed_fields.h"
#include "catalog/segment.h"
#include "model/record_type.h"

namespace tandem::catalog {

// The fields of a type whose records are units.
struct UnitFields {
  const IndexedField* valid_from = nullptr;
  const IndexedField* valid_to = nullptr;
  // Parallel lists.
  const IndexedField* successor = nullptr;
  const IndexedField* share_permille = nullptr;
  const IndexedField* kind = nullptr;
  const IndexedField* code = nullptr;
  // The list a code belongs to: code_scheme or taxonomy.
  const IndexedField* code_list = nullptr;
  // Categories only: the state that may end a term without a day, and the terms to use instead.
  const IndexedField* state = nullptr;
  const IndexedField* replaced_by = nullptr;

  // Null for types that are no units.
  static const UnitFields* Of(model::RecordType type);
};

// The days of a unit. Views are valid as long as the row.
struct UnitValidity {
  // YYYY-MM-DD; empty: since ever, or not known.
  std::string_view from;
  // The last day; empty: still valid, unless superseded.
  std::string_view to;
  // A category in the state SUPERSEDED: without a last day it has ended by any day.
  bool superseded = false;

  // Whether the last day lies before `day`.
  bool EndedBefore(std::string_view day) const { return to.empty() ? superseded : to < day; }
  bool StartsAfter(std::string_view day) const { return from > day; }
  bool IsValidOn(std::string_view day) const { return !EndedBefore(day) && !StartsAfter(day); }
};

// `fields` are those of the segment's type.
UnitValidity ValidityOf(const UnitFields& fields, const Segment& segment, uint32_t row);

// One that took over from a unit, and its weight: shares per mille, or 1 each when none is known.
struct UnitSuccessor {
  std::string_view unit;
  int64_t weight = 0;
};
std::vector<UnitSuccessor> SuccessorsOf(const UnitFields& fields, const Segment& segment,
                                        uint32_t row);

}  // namespace tandem::catalog
