// SPDX-License-Identifier: Apache-2.0

// What a RocksDB status means to the directory. Internal to store/.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "rocksdb/status.h"

namespace tandem::store {

// Whether the disk is full: the one write failure that may be tried again.
bool IsDiskFull(const rocksdb::Status& status);

// For a failed read of `what`: RECORD_CORRUPT for damage, STORAGE_FAILED for an I/O error. `status`
// must not be OK.
absl::Status ReadError(const rocksdb::Status& status, std::string_view what);

// For a failed write or sync: STORAGE_FULL when the disk is full, else STORAGE_FAILED. `status`
// must not be OK.
absl::Status WriteError(const rocksdb::Status& status, std::string_view what);

// STORAGE_FAILED, whatever kind of failure it was: nothing is written until the next start.
absl::Status FailedForGood(const rocksdb::Status& status, std::string_view what);

// RECORD_CORRUPT for bytes that RocksDB took for good but our own checksum refuses.
absl::Status DamagedError(std::string_view what);

}  // namespace tandem::store
