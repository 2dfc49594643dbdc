// SPDX-License-Identifier: Apache-2.0

#include "store/rocksdb_status.h"

#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::store {

bool IsDiskFull(const rocksdb::Status& status) { return status.IsNoSpace(); }

absl::Status ReadError(const rocksdb::Status& status, std::string_view what) {
  const bool damaged = status.IsCorruption();
  return model::MakeError(damaged ? model::Reason::kRecordCorrupt : model::Reason::kStorageFailed,
                          StrCat("reading ", what, " failed: ", status.ToString()));
}

absl::Status WriteError(const rocksdb::Status& status, std::string_view what) {
  if (IsDiskFull(status)) {
    return model::MakeError(
        model::Reason::kStorageFull,
        StrCat(what,
               ": the disk is full; once it has room the server ends by itself, and a new "
               "start goes on writing (",
               status.ToString(), ")"));
  }
  return FailedForGood(status, what);
}

absl::Status FailedForGood(const rocksdb::Status& status, std::string_view what) {
  return model::MakeError(model::Reason::kStorageFailed,
                          StrCat(what, " failed: ", status.ToString(),
                                 "; no write is taken until the server is started again"));
}

absl::Status DamagedError(std::string_view what) {
  return model::MakeError(model::Reason::kRecordCorrupt,
                          StrCat(what, " is damaged: its checksum is wrong"));
}

}  // namespace tandem::store
