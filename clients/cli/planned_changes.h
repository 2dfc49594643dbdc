// SPDX-License-Identifier: Apache-2.0

// The changes of `apply` and `diff`, one record after the other.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

#include "cli/record_change.h"
#include "cli/record_files.h"
#include "cpp/client.h"

namespace tandem::cli {

// The files of `apply` and `diff`.
struct FileOptions {
  std::vector<std::string> files;
  bool recursive = false;
  bool replace = false;
};

// Makes the changes of `records`, referenced ones first, and tells the outcome of each. In a dry
// run a record may refer to one that an earlier change would create: what the server says of the
// missing one is then no error, and `after` is the record as it was written.
class PlannedChanges {
 public:
  PlannedChanges(const client::Client& client, ChangeOptions options)
      : client_(client), options_(options) {}

  absl::StatusOr<RecordChange> Make(const SourcedRecord& record);

 private:
  const client::Client& client_;
  const ChangeOptions options_;
  // Records that a dry run would have created.
  std::set<std::string> would_exist_;
};

}  // namespace tandem::cli
