// SPDX-License-Identifier: Apache-2.0

// RESOURCE_VIEW_BASIC: the fields of a record that a list on a phone shows, cut out of its stored
// bytes without reading it. Which fields, proto/tandem/v1/resource_view.proto says.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "model/record_type.h"

namespace tandem::model {

// The names of the fields in the view of `type`, in the order of their numbers.
std::vector<std::string_view> BasicFields(RecordType type);

// The part of a record's wire form that is in the view. RECORD_CORRUPT when it is no wire form.
absl::StatusOr<std::string> CutToBasic(RecordType type, std::string_view bytes);

}  // namespace tandem::model
