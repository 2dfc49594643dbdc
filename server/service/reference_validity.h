// SPDX-License-Identifier: Apache-2.0

// Whether the regions and categories that a record refers to are valid on the day they must be
// (model/reference_day.h). Only what is new or changed is looked at: a record that refers to a unit
// which has ended since can still be edited.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"
#include "service/directory.h"

namespace tandem::service {

// FIELD_INVALID, under `prefix`, for every reference of `after` that `before` (null: the record is
// new) has not and whose unit has ended by its day, with the units that follow it, or starts later.
// Units that do not exist are the committer's to refuse.
absl::Status CheckReferenceDays(model::RecordType type, const google::protobuf::Message* before,
                                const google::protobuf::Message& after, absl::Time now,
                                std::string_view prefix, const DirectoryReader& reader);

}  // namespace tandem::service
