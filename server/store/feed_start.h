// SPDX-License-Identifier: Apache-2.0

// Where a feed of a log may start.
#pragma once

#include "absl/status/status.h"
#include "store/log.h"

namespace tandem::store {

// Whether a feed may start at `from` when the oldest entry kept, or the next one to come, is
// `log_start`. HISTORY_CHANGED when `from` belongs to another epoch, REVISION_COMPACTED when it is
// older (metadata `earliest`).
absl::Status CheckFeedStart(Revision from, Revision log_start);

}  // namespace tandem::store
