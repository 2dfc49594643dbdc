// SPDX-License-Identifier: Apache-2.0

// Counts how many results have each value of a field. Sealed segments intersect the results with
// the rows of each value, as bitmaps where there are many; open ones are counted row by row. Values
// of tree fields count for everything above them too, so regions come as provinces, prefectures and
// counties at once, unless the facet names a level: "home_region@county".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "query/condition.h"
#include "query/search.h"
#include "query/segment_rows.h"

namespace tandem::query {

struct FacetCounts {
  int64_t total = 0;
  // One for each field asked for, in that order.
  std::vector<Facet> facets;
};

// FIELD_INVALID when a field can't be counted (only enums, booleans and references can), has a
// level that is none, is named twice, or there are more than kMaxFacets.
absl::Status CheckFacets(model::RecordType type, const std::vector<std::string>& fields);

// The fields a type can be counted by, separated by ", ".
std::string FacetFields(model::RecordType type);

// Counts over all live rows that meet `condition`. `fields` have been checked. DEADLINE_EXCEEDED,
// CANCELLED.
absl::StatusOr<FacetCounts> CountFacets(const catalog::View& view, model::RecordType type,
                                        const Condition& condition,
                                        const std::vector<std::string>& fields, StopCheck stop);

}  // namespace tandem::query
