// SPDX-License-Identifier: Apache-2.0

// The log kept by RocksDB in this process: one synced write batch a group of entries. Also reads
// record versions. Made by OpenStore (open_store.h), which decides whether a data directory is safe
// to serve.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "store/log.h"
#include "store/record_reader.h"
#include "store/write_health.h"

namespace rocksdb {
class WriteBatch;
}  // namespace rocksdb

namespace tandem::store {

class DataDirLock;
class Database;
class HighWaterKeeper;
struct StoreOptions;
struct StoreParts;

// How long a request id is remembered.
inline constexpr absl::Duration kRequestIdLifetime = absl::Hours(24);

// Thread-safe.
class EmbeddedLog final : public Log, public RecordReader {
 public:
  // Takes over what OpenStore made; internal.
  explicit EmbeddedLog(StoreParts parts);
  // Closes.
  ~EmbeddedLog() override;

  EmbeddedLog(const EmbeddedLog&) = delete;
  EmbeddedLog& operator=(const EmbeddedLog&) = delete;

  Revision Head() const override { return head_.load(std::memory_order_acquire); }
  absl::StatusOr<AppendOutcome> Append(Revision expected_head,
                                       absl::Span<const Entry> entries) override;
  absl::Status Feed(Revision from, const EntryVisitor& visitor) const override;
  absl::Status CheckFeed(Revision from) const override;
  Revision LogStart() const override { return log_start_.load(std::memory_order_acquire); }
  absl::Status Scan(model::RecordType type, const RecordVisitor& visitor) const override;
  absl::Status ScanRange(model::RecordType type, std::string_view from_id, std::string_view to_id,
                         const RecordVisitor& visitor) const override;
  absl::Status Versions(model::RecordType type, std::string_view id, Revision at,
                        const RecordVisitor& visitor) const override;
  absl::Status ScanAt(model::RecordType type, Revision at, std::string_view after_id,
                      const RecordVisitor& visitor) const override;
  std::vector<std::string> SplitPoints(model::RecordType type, int parts) const override;
  // INTERNAL when `before` lies behind the head; a revision of an older epoch trims nothing.
  absl::Status Trim(Revision before) override;
  absl::StatusOr<std::optional<storage::v1::RequestRecord>> FindRequest(
      std::string_view principal, std::string_view method,
      std::string_view request_id) const override;

  absl::StatusOr<RecordBytes> Read(model::RecordType type, std::string_view id,
                                   Revision revision) const override;
  absl::StatusOr<std::optional<RecordBytes>> ReadCached(model::RecordType type, std::string_view id,
                                                        Revision revision) const override;

  // Drops request ids committed more than kRequestIdLifetime before `now`; how many. Reads them
  // all, so call it now and then.
  absl::StatusOr<int64_t> ExpireRequests(absl::Time now);

  // 32 random bytes kept under `name`, made when first asked for: keys that must survive a restart.
  absl::StatusOr<std::string> SecretKey(std::string_view name);
  // A small opaque value under `name`, durable on return. Not part of the log: no revision, no
  // feed.
  absl::Status PutMeta(std::string_view name, std::string_view value);
  // Nullopt when never put.
  absl::StatusOr<std::optional<std::string>> GetMeta(std::string_view name) const;

  // OK while writes are taken; else the STORAGE_FAILED that ended them.
  absl::Status WriteState() const { return health_->state(); }
  // Which store this is: 32 hex digits, the same for its whole life.
  const std::string& identity() const { return identity_; }

  // Writes the high-water file and lets go of the directory. No other call may be running or
  // follow, except the destructor. Returns what kept it from ending cleanly; everything
  // acknowledged is durable anyway.
  absl::Status Close();

 private:
  // Puts what `entry` writes; `before` are the entries ahead of it in the same batch.
  absl::Status PutEntry(absl::Span<const Entry> before, const Entry& entry,
                        rocksdb::WriteBatch* batch) const;
  absl::Status PutRecord(const Entry& entry, const RecordWrite& write,
                         rocksdb::WriteBatch* batch) const;
  absl::Status Purge(absl::Span<const Entry> before, const RecordWrite& write,
                     rocksdb::WriteBatch* batch) const;
  // Makes `batch` durable, or says why not; a failure other than a full disk ends writing for good.
  absl::Status WriteSynced(rocksdb::WriteBatch* batch, std::string_view what)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // What a write gets after the database met a full disk: STORAGE_FULL as long as it is full, then
  // STORAGE_FAILED, for good.
  absl::Status AfterFullDisk() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Whether the disk takes a small file.
  absl::Status ProbeSpace() const;
  // STORAGE_FULL below the reserve, which also covers what is in memory only. What frees space is
  // not asked.
  absl::Status CheckFreeSpace() const;
  // Fills `bytes`; false when `cached_only` and not in memory.
  absl::StatusOr<bool> ReadTier(model::RecordType type, std::string_view id, Revision revision,
                                bool cached_only, RecordBytes* bytes) const;
  absl::Status TrimChunk(Revision* from, Revision before)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);

  const std::string data_dir_;
  const std::string identity_;
  const int64_t epoch_;
  const uint64_t min_free_bytes_;
  const std::function<int64_t()> now_ns_;
  const std::unique_ptr<WriteHealth> health_;

  std::atomic<Revision> head_;
  std::atomic<Revision> log_start_;

  // Held by whoever writes; readers never take it.
  absl::Mutex write_mutex_;

  // Given up in this order by Close.
  std::unique_ptr<HighWaterKeeper> keeper_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<DataDirLock> lock_;
};

}  // namespace tandem::store
