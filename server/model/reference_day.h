// SPDX-License-Identifier: Apache-2.0

// On which day a region or category that a record refers to must be valid. One row a reference;
// a test holds that none is missing. Checked when a reference is new or changed: what a record
// said before stays allowed, and shows in the report of stale references.
#pragma once

#include <string_view>

#include "absl/types/span.h"
#include "model/record_type.h"

namespace tandem::model {

enum class ReferenceDay {
  // Any: the reference tells what was, or what became of something.
  kAny,
  // Today: the record speaks of the present.
  kToday,
  // The day the element itself names: its start_date, else sign_date, else end_date; without one,
  // any.
  kOwn,
};

struct ReferenceDayRow {
  RecordType type;
  // Path of field names, as the catalog's tables have it.
  std::string_view path;
  ReferenceDay day;
};

// Every reference to a region or a category.
absl::Span<const ReferenceDayRow> ReferenceDays();

}  // namespace tandem::model
