// SPDX-License-Identifier: Apache-2.0

// The records of a source that a full sync did not see, and their marks. Keeps 16 bytes a missing
// record and the view they were found in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/committer.h"
#include "catalog/view.h"
#include "service/directory.h"
#include "service/sync_run.h"

namespace tandem::service {

class MissingRecords {
 public:
  // Looks at every agency that the source of `run` knows in `view`.
  MissingRecords(const SyncRun& run, std::shared_ptr<const catalog::View> view);

  // Records the source had before this sync or has since: all that it knows and that no earlier
  // sync marked.
  int64_t known_count() const { return known_count_; }
  // Those of them that were not seen and are not marked yet.
  int64_t missing_count() const { return static_cast<int64_t>(missing_.size()); }

  // Marks of the next records, at most `limit`, as the directory is now; records that went or were
  // marked meanwhile are left out. Empty at the end.
  absl::StatusOr<std::vector<catalog::PreparedRecord>> PrepareNext(size_t limit,
                                                                   std::string_view today,
                                                                   DirectoryReader* reader);
  // Lets PrepareNext give the last records once more.
  void StepBack() { next_ = last_; }

 private:
  absl::StatusOr<std::optional<catalog::PreparedRecord>> Mark(std::string_view id,
                                                              std::string_view today,
                                                              DirectoryReader* reader) const;

  const std::string source_;
  // Keeps the rows below.
  const std::shared_ptr<const catalog::View> view_;
  int64_t known_count_ = 0;
  std::vector<catalog::RowRef> missing_;
  size_t next_ = 0;
  size_t last_ = 0;
};

}  // namespace tandem::service
