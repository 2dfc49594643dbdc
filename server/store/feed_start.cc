// SPDX-License-Identifier: Apache-2.0

#include "store/feed_start.h"

#include <algorithm>

#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::store {

absl::Status CheckFeedStart(Revision from, Revision log_start) {
  const int64_t epoch = EpochOf(log_start);
  if (EpochOf(from) != epoch) {
    return model::MakeError(
        model::Reason::kHistoryChanged,
        StrCat("revision ", from, " belongs to epoch ", EpochOf(from), ", this store is in epoch ",
               epoch, "; list again and go on from there"),
        {{"revision", StrCat(from)}, {"epoch", StrCat(epoch)}});
  }
  // 0 of an epoch means "from its start".
  if (std::max(from, MakeRevision(epoch, 1)) < log_start) {
    return model::MakeError(model::Reason::kRevisionCompacted,
                            StrCat("revision ", from, " is no longer kept, the earliest is ",
                                   log_start, "; list again and go on from there"),
                            {{"revision", StrCat(from)}, {"earliest", StrCat(log_start)}});
  }
  return absl::OkStatus();
}

}  // namespace tandem::store
