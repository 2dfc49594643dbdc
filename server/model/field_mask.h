// SPDX-License-Identifier: Apache-2.0

// Update masks (AIP-134, AIP-161): which fields of a record an update writes. Paths are relative to
// the record. Absent mask: every field that is set in the patch is taken whole. `*`: full
// replacement. Otherwise dotted paths through single messages; a map entry is `labels.key`, the key
// in back quotes when it is no identifier. Elements of repeated fields can't be named.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "model/error.h"

namespace tandem::model {

// Applies `patch` to `record`, the current version, as `mask` says; null: no mask was given.
// Output-only fields and the etag are ignored silently, immutable ones may be named or set only
// when equal. Adds what is wrong to `violations`, mask paths under "update_mask" and fields under
// `prefix`; `record` is then not to be used.
void ApplyUpdateMask(const google::protobuf::Message& patch,
                     const google::protobuf::FieldMask* mask, std::string_view prefix,
                     google::protobuf::Message* record, std::vector<FieldViolation>* violations);

}  // namespace tandem::model
