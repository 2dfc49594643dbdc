// SPDX-License-Identifier: Apache-2.0

// How far history reaches back. What is kept of it is a time; what is dropped is a prefix of the
// log with the record versions it superseded.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "store/log.h"

namespace tandem::store {

// Most entries one call drops, so that it ends; the next one goes on.
inline constexpr int64_t kMaxTrimmedEntries = 100'000;

// What TrimHistory did.
struct TrimmedHistory {
  int64_t dropped = 0;
  // When the oldest entry that is left was committed; nullopt when none is.
  std::optional<absl::Time> oldest_time;
};

// Drops the entries from the oldest on that were committed before `before`, up to the first that
// was not, at most `limit` of them. Entries stand in the order of revisions, whatever a clock that
// jumped wrote into them. Whoever reads what goes gets REVISION_COMPACTED. One caller at a time.
absl::StatusOr<TrimmedHistory> TrimHistory(Log* log, absl::Time before,
                                           int64_t limit = kMaxTrimmedEntries);

}  // namespace tandem::store
