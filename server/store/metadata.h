// SPDX-License-Identifier: Apache-2.0

// The meta table: what the store knows about itself. Internal to store/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "rocksdb/write_batch.h"
#include "store/database.h"
#include "store/log.h"

namespace tandem::store {

// What every opened store must hold.
struct StoreFacts {
  int format = 0;
  // 32 hex digits made once.
  std::string identity;
  int64_t epoch = 0;
  // The first revision whose log entry is kept.
  Revision log_start = 0;
};

// Puts the facts into `batch`.
void PutFacts(const Database& database, const StoreFacts& facts, rocksdb::WriteBatch* batch);
void PutLogStart(const Database& database, Revision log_start, rocksdb::WriteBatch* batch);
// DATA_DIR_INVALID when one is missing, RECORD_CORRUPT when one is damaged.
absl::StatusOr<StoreFacts> ReadFacts(const Database& database);

// Values under caller's names; `kind` keeps secrets and plain values apart.
void PutNamedValue(const Database& database, std::string_view kind, std::string_view name,
                   std::string_view value, rocksdb::WriteBatch* batch);
// Nullopt when there is none.
absl::StatusOr<std::optional<std::string>> ReadNamedValue(const Database& database,
                                                          std::string_view kind,
                                                          std::string_view name);

// The revision of the last log entry; for an empty or wholly trimmed log, the one before
// `log_start`.
absl::StatusOr<Revision> ReadHead(const Database& database, const StoreFacts& facts);

// Bytes from the kernel's random source.
std::string RandomBytes(size_t size);

}  // namespace tandem::store
