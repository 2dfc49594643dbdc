// SPDX-License-Identifier: Apache-2.0

#include "query/segment_rows.h"

#include "model/error.h"

namespace tandem::query {

void SegmentRows::Keep(std::vector<uint16_t>* rows) const {
  // First: an open segment may know of rows that the view does not have yet.
  if (!alive_.all() || !part_.sealed()) {
    std::erase_if(*rows, [this](uint16_t row) { return !alive_.Contains(row); });
  }
  test_->Keep(rows);
  if (show_deleted_) return;
  const Roaring* deleted = part_.segment().deleted_rows();
  if (deleted != nullptr && deleted->isEmpty()) return;
  std::erase_if(*rows, [this](uint16_t row) { return part_.segment().deleted(row); });
}

absl::Status StopCheck::status() const {
  if (ok_) return absl::OkStatus();
  if (was_cancelled_) {
    return model::MakeError(model::Reason::kCancelled, "the caller stopped waiting for the list");
  }
  return model::MakeError(
      model::Reason::kDeadlineExceeded,
      "the list took longer than the caller wanted to wait; narrow the filter or allow more time");
}

}  // namespace tandem::query
