// SPDX-License-Identifier: Apache-2.0

#include "store/database.h"

#include <algorithm>
#include <utility>

#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/table.h"

namespace tandem::store {
namespace {

constexpr size_t kMiB = size_t{1} << 20U;

class ErrorListener : public rocksdb::EventListener {
 public:
  explicit ErrorListener(const DatabaseOptions& options)
      : heard_(options.background_error), sync_failed_(options.sync_failed) {}

  void OnBackgroundError(rocksdb::BackgroundErrorReason /*reason*/,
                         rocksdb::Status* error) override {
    heard_(*error);
  }

  // Never: see EmbeddedLog::AfterFullDisk.
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason /*reason*/, rocksdb::Status /*error*/,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

  // After a failed sync nobody knows which pages the kernel still has, not even when all that was
  // missing was space. A status of the database no longer tells a write from a sync.
  bool ShouldBeNotifiedOnFileIO() override { return true; }
  void OnIOError(const rocksdb::IOErrorInfo& info) override {
    if (info.operation == rocksdb::FileOperationType::kSync ||
        info.operation == rocksdb::FileOperationType::kFsync ||
        info.operation == rocksdb::FileOperationType::kRangeSync) {
      sync_failed_(info.io_status);
    }
  }

 private:
  const std::function<void(const rocksdb::Status&)> heard_;
  const std::function<void(const rocksdb::Status&)> sync_failed_;
};

// RocksDB's own log goes nowhere: a read-only look must not leave files in a folder it may refuse.
class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::DBOptions MakeDbOptions(const DatabaseOptions& options, OpenMode mode) {
  rocksdb::DBOptions db;
  db.env = options.env;
  db.create_if_missing = mode == OpenMode::kCreate;
  db.create_missing_column_families = mode == OpenMode::kCreate;
  // A torn last write is what a crash leaves; damage before it is not, and must not cut off what
  // follows.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  db.track_and_verify_wals_in_manifest = true;
  db.paranoid_checks = true;
  db.verify_sst_unique_id_in_manifest = true;
  // Nothing may go on by itself after a failed write: the append that failed was not acknowledged.
  db.max_bgerror_resume_count = 0;
  db.db_write_buffer_size = options.write_buffer_bytes;
  db.max_total_wal_size = 256 * kMiB;
  db.max_background_jobs = 2;
  db.bytes_per_sync = kMiB;
  db.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  db.keep_log_file_num = 4;
  db.max_log_file_size = 8 * kMiB;
  if (mode == OpenMode::kReadOnly) db.info_log = std::make_shared<SilentLogger>();
  if (mode != OpenMode::kReadOnly && options.background_error && options.sync_failed) {
    db.listeners.push_back(std::make_shared<ErrorListener>(options));
  }
  return db;
}

rocksdb::ColumnFamilyOptions MakeTableOptions(Table table, const DatabaseOptions& options,
                                              const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_cache = cache;
  blocks.no_block_cache = cache == nullptr;
  blocks.format_version = 5;
  blocks.checksum = rocksdb::ChecksumType::kXXH3;
  blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  blocks.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  rocksdb::ColumnFamilyOptions family;
  family.compression = rocksdb::kLZ4Compression;
  family.write_buffer_size = std::min(64 * kMiB, options.write_buffer_bytes);
  family.level_compaction_dynamic_level_bytes = true;
  // A version that is asked for by its revision nearly always exists: no filter where most of them
  // lie.
  family.optimize_filters_for_hits = table == Table::kRecords;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return family;
}

}  // namespace

rocksdb::Status Database::Open(const DatabaseOptions& options, OpenMode mode,
                               std::unique_ptr<Database>* database) {
  const std::shared_ptr<rocksdb::Cache> cache =
      options.cache_bytes == 0 ? nullptr : rocksdb::NewLRUCache(options.cache_bytes);
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < kTableCount; ++i) {
    families.emplace_back(std::string(kTableNames[i]),
                          MakeTableOptions(static_cast<Table>(i), options, cache));
  }
  const rocksdb::DBOptions db_options = MakeDbOptions(options, mode);
  std::unique_ptr<Database> opened(new Database());
  rocksdb::DB* db = nullptr;
  rocksdb::Status status =
      mode == OpenMode::kReadOnly
          ? rocksdb::DB::OpenForReadOnly(db_options, options.path, families, &opened->handles_, &db)
          : rocksdb::DB::Open(db_options, options.path, families, &opened->handles_, &db);
  opened->db_.reset(db);
  if (status.ok()) *database = std::move(opened);
  return status;
}

Database::~Database() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  db_->Close();
}

}  // namespace tandem::store
