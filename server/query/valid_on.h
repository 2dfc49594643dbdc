// SPDX-License-Identifier: Apache-2.0

// "Valid on that day" as a condition on regions and categories. It is made of comparisons of the
// columns that are there, so plans and pages know nothing of it.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "model/record_type.h"
#include "query/condition.h"

namespace tandem::query {

// Whether records of `type` have days on which they are valid.
bool HasValidity(model::RecordType type);

// FIELD_INVALID for `as_of_date` when the type has no validity or the text is no day.
absl::Status CheckAsOfDate(model::RecordType type, std::string_view as_of_date);

// The condition that a record is valid on `day`, YYYY-MM-DD. `type` has validity.
Condition ValidOnCondition(model::RecordType type, std::string_view day);

}  // namespace tandem::query
