// SPDX-License-Identifier: Apache-2.0

// The keyspaces on disk, one RocksDB column family each. Names and the format number are part of
// the storage format: never rename, never reuse.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace tandem::store {

// The newest storage format this program reads and the one it writes.
inline constexpr int kStorageFormat = 1;

enum class Table : size_t {
  // Format, identity, epoch, start of the log, secrets, named values. RocksDB insists on a family
  // "default".
  kMeta = 0,
  // Record versions: (type, id, 0x00, ~revision) → bytes.
  kRecords = 1,
  // Committed writes: revision → LogEntry.
  kLog = 2,
  // Request ids: (principal, method, request id) → RequestRecord.
  kRequests = 3,
};

inline constexpr size_t kTableCount = 4;

// Names by the number above.
inline constexpr std::array<std::string_view, kTableCount> kTableNames = {"default", "records",
                                                                          "log", "requests"};

}  // namespace tandem::store
