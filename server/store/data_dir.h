// SPDX-License-Identifier: Apache-2.0

// The data directory: `db/` (RocksDB), HIGH_WATER, LOCK. Tells what it holds without changing it,
// and keeps other processes out. Internal to store/.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/env.h"

namespace tandem::store {

// Where RocksDB lives inside `data_dir`.
std::string DatabasePath(const std::string& data_dir);

// The exclusive lock of a data directory; let go of by the destructor.
class DataDirLock {
 public:
  // DATA_DIR_LOCKED at once when another process, or another store of this one, holds it.
  static absl::StatusOr<std::unique_ptr<DataDirLock>> Take(rocksdb::Env* env,
                                                           const std::string& data_dir);
  ~DataDirLock();

  DataDirLock(const DataDirLock&) = delete;
  DataDirLock& operator=(const DataDirLock&) = delete;

 private:
  DataDirLock(rocksdb::Env* env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}

  rocksdb::Env* const env_;
  rocksdb::FileLock* const lock_;
};

// Makes the last component of `data_dir` when it is absent. DATA_DIR_INVALID when it is no
// directory, its parent is missing, or it holds files of somebody else.
absl::Status PrepareDataDir(rocksdb::Env* env, const std::string& data_dir);

// What lies in `db/`.
enum class DatabaseFolder {
  kAbsent,
  kEmpty,
  // Files, but not the one that RocksDB starts from: it would make a new database over them.
  kWithoutCurrent,
  // Only RocksDB can tell more.
  kPresent,
};
absl::StatusOr<DatabaseFolder> LookAtDatabase(rocksdb::Env* env, const std::string& data_dir);

// Removes what an interrupted first start left in `db/`.
absl::Status ClearDatabaseFolder(rocksdb::Env* env, const std::string& data_dir);

// DATA_DIR_INVALID when the tables in `db/` are not exactly this format's.
absl::Status CheckTables(rocksdb::Env* env, const std::string& data_dir);

}  // namespace tandem::store
