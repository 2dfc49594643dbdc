// SPDX-License-Identifier: Apache-2.0

#include "query/segment_rows.h"

#include "model/error.h"

namespace tandem::query {

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
