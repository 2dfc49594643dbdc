// SPDX-License-Identifier: Apache-2.0

// The RocksDB instance with the options this directory depends on, and its tables. RocksDB's
// defaults open a damaged log as if nothing happened; these refuse. Internal to store/.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rocksdb/db.h"
#include "store/tables.h"

namespace tandem::store {

struct DatabaseOptions {
  rocksdb::Env* env = nullptr;
  std::string path;
  // Size of the cache of uncompressed blocks.
  size_t cache_bytes = 0;
  // Writes of all tables kept in memory.
  size_t write_buffer_bytes = size_t{96} << 20U;
  // Hears of failed flushes, compactions and log writes; called on RocksDB's threads.
  std::function<void(const rocksdb::Status&)> background_error;
  // Hears of every failed sync of a database file, whatever the kind; called on the thread that
  // synced.
  std::function<void(const rocksdb::Status&)> sync_failed;
};

// How to open.
enum class OpenMode {
  // Makes a new database; the folder holds none.
  kCreate,
  // Reads and replays in memory; changes nothing on disk.
  kReadOnly,
  kReadWrite,
};

// Owns the instance; closes it when destroyed. Thread-safe as RocksDB is.
class Database {
 public:
  // RocksDB's own status: the caller knows what a failure means to the data directory.
  static rocksdb::Status Open(const DatabaseOptions& options, OpenMode mode,
                              std::unique_ptr<Database>* database);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB* db() const { return db_.get(); }
  rocksdb::ColumnFamilyHandle* table(Table table) const {
    return handles_[static_cast<size_t>(table)];
  }
  const std::vector<rocksdb::ColumnFamilyHandle*>& tables() const { return handles_; }

 private:
  Database() = default;

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace tandem::store
