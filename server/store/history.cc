// SPDX-License-Identifier: Apache-2.0

#include "store/history.h"

#include "model/status_macros.h"

namespace tandem::store {

absl::StatusOr<TrimmedHistory> TrimHistory(Log* log, absl::Time before, int64_t limit) {
  TrimmedHistory trimmed;
  const Revision start = log->LogStart();
  const int64_t before_ns = absl::ToUnixNanos(before);
  RETURN_IF_ERROR(log->Feed(start, [&](Revision, const storage::v1::LogEntry& entry) {
    trimmed.oldest_time = absl::FromUnixNanos(entry.commit_time_ns());
    if (entry.commit_time_ns() >= before_ns || trimmed.dropped == limit) return false;
    trimmed.oldest_time.reset();
    ++trimmed.dropped;
    return true;
  }));
  if (trimmed.dropped > 0) RETURN_IF_ERROR(log->Trim(start + trimmed.dropped));
  return trimmed;
}

}  // namespace tandem::store
