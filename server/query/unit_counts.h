// SPDX-License-Identifier: Apache-2.0

// Counts records by the region or category they refer to, as on a day: what refers to an ended unit
// is carried to its successors in whole records. Nothing is read from disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "model/record_type.h"
#include "query/list_query.h"

namespace tandem::query {

// How records of a collection refer to units.
struct UnitPlacement {
  // kRegion or kServiceCategory.
  model::RecordType unit;
  std::string_view collection;
  model::RecordType counted;
  // The reference, in the counted record or, with `through`, in the record that this field of it
  // names.
  std::string_view path;
  std::string_view through;
};

// The placement of a collection at units of a type; null when it is not counted.
const UnitPlacement* FindPlacement(model::RecordType unit, std::string_view collection);
// The collections counted at units of a type, separated by ", ".
std::string CountedCollections(model::RecordType unit);

struct UnitCount {
  std::string unit;
  int64_t count = 0;
  // The part of it that refers to ended units.
  int64_t carried = 0;
};

struct UnitCounts {
  // By name; none is 0.
  std::vector<UnitCount> units;
  int64_t total = 0;
  int64_t unplaced = 0;
  int64_t carried = 0;
};

// Counts the references of the records that `query` selects (its type is placement.counted; order
// and page are not looked at) at the units valid on `day`; with `level`, an enum value of the field
// `level`, at the units of that level they lie in. The counts and `unplaced` add up to `total`. The
// errors of List.
absl::StatusOr<UnitCounts> CountAtUnits(const catalog::View& view, const UnitPlacement& placement,
                                        const ListQuery& query, const std::string& day,
                                        std::optional<int64_t> level);

}  // namespace tandem::query
