// SPDX-License-Identifier: Apache-2.0

// What the state of other records, or of the record itself, forbids: applications outside a round's
// window, changes to what a frozen round rests on or to what a pairing's sides agreed on. Writes
// that rely on another record's state name it as a guard, so that it can't change in between.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "catalog/committer.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"
#include "service/directory.h"

namespace tandem::service {

// Whether the record may go from `before` (null: it is new or comes back) to `after` (null: it is
// deleted) at `now`. ROUND_FROZEN, WINDOW_CLOSED, STATE_WRONG, REFERENCE_MISSING, or FIELD_INVALID
// under `prefix` for values that do not fit the round.
absl::Status CheckStates(model::RecordType type, const google::protobuf::Message* before,
                         const google::protobuf::Message* after, absl::Time now,
                         std::string_view prefix, DirectoryReader* reader,
                         std::vector<catalog::RecordGuard>* guards);

// Whether a client's update may change what it does, judged by the record's own state: what both
// sides of a pairing rely on is fixed once one of them accepted. STATE_WRONG. Imports are not
// asked: they are the word of whoever keeps the record.
absl::Status CheckStillOpen(model::RecordType type, const google::protobuf::Message& before,
                            const google::protobuf::Message& after);

}  // namespace tandem::service
