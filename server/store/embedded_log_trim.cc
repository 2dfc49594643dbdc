// SPDX-License-Identifier: Apache-2.0

// What EmbeddedLog forgets: old log entries with the versions they superseded, and old request ids.

#include <algorithm>
#include <memory>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "store/checked_value.h"
#include "store/embedded_log.h"
#include "store/key_codec.h"
#include "store/rocksdb_status.h"
#include "store/store_parts.h"

namespace tandem::store {
namespace {

// Entries in one batch: writers wait for one batch at most.
constexpr int kChunk = 512;

std::optional<storage::v1::RequestRecord> ParseRequest(std::string_view key,
                                                       std::string_view stored) {
  const std::optional<CheckedValue> value = OpenValue(key, stored);
  storage::v1::RequestRecord request;
  if (!value ||
      !request.ParseFromArray(value->payload.data(), static_cast<int>(value->payload.size()))) {
    return std::nullopt;
  }
  return request;
}

bool IsExpired(const storage::v1::RequestRecord& request, int64_t now_ns) {
  return request.commit_time_ns() < now_ns - absl::ToInt64Nanoseconds(kRequestIdLifetime);
}

}  // namespace

absl::Status EmbeddedLog::Trim(Revision before) {
  if (before > Head() + 1) {
    return model::MakeError(model::Reason::kInternal, "the log can't be trimmed behind its head");
  }
  // Entries of older epochs lie first; they go with the first trim of this one.
  Revision from = 1;
  while (from < before) {
    absl::MutexLock lock(&write_mutex_);
    RETURN_IF_ERROR(TrimChunk(&from, before));
  }
  return absl::OkStatus();
}

absl::Status EmbeddedLog::TrimChunk(Revision* from, Revision before) {
  const std::string end = LogKey(before);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &end_slice;
  const std::unique_ptr<rocksdb::Iterator> entries(
      database_->db()->NewIterator(read, database_->table(Table::kLog)));
  rocksdb::WriteBatch batch;
  storage::v1::LogEntry entry;
  int count = 0;
  for (entries->Seek(LogKey(*from)); entries->Valid() && count < kChunk; entries->Next(), ++count) {
    const std::string_view key = entries->key().ToStringView();
    const std::optional<Revision> revision = ParseLogKey(key);
    const std::optional<CheckedValue> value = OpenValue(key, entries->value().ToStringView());
    if (!revision || !value ||
        !entry.ParseFromArray(value->payload.data(), static_cast<int>(value->payload.size()))) {
      return DamagedError(StrCat("a log entry from revision ", *from));
    }
    for (const storage::v1::Change& change : entry.changes()) {
      if (change.previous_revision() == 0) continue;
      batch.Delete(database_->table(Table::kRecords),
                   RecordKey(static_cast<model::RecordType>(change.type()), change.id(),
                             change.previous_revision()));
    }
    batch.Delete(database_->table(Table::kLog), entries->key());
    *from = *revision + 1;
  }
  if (!entries->status().ok()) return ReadError(entries->status(), "the log to trim");
  if (count < kChunk) *from = before;
  if (count == 0) return absl::OkStatus();
  const Revision start = std::max(LogStart(), *from);
  PutLogStart(*database_, start, &batch);
  // Before the entries go, so that no feed misses one silently.
  log_start_.store(start, std::memory_order_release);
  return WriteSynced(&batch, "trimming the log");
}

absl::StatusOr<std::optional<storage::v1::RequestRecord>> EmbeddedLog::FindRequest(
    std::string_view principal, std::string_view method, std::string_view request_id) const {
  const std::string key = RequestKey(principal, method, request_id);
  rocksdb::PinnableSlice stored;
  const rocksdb::Status status = database_->db()->Get(
      rocksdb::ReadOptions(), database_->table(Table::kRequests), key, &stored);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ReadError(status, "a request id");
  std::optional<storage::v1::RequestRecord> request = ParseRequest(key, stored.ToStringView());
  if (!request) return DamagedError("a request id");
  if (IsExpired(*request, now_ns_())) return std::nullopt;
  return request;
}

absl::StatusOr<int64_t> EmbeddedLog::ExpireRequests(absl::Time now) {
  const int64_t now_ns = absl::ToUnixNanos(now);
  rocksdb::ColumnFamilyHandle* requests = database_->table(Table::kRequests);
  rocksdb::ReadOptions read;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> candidates(database_->db()->NewIterator(read, requests));
  int64_t expired = 0;
  std::vector<std::string> keys;
  const auto drop = [&]() -> absl::Status {
    absl::MutexLock lock(&write_mutex_);
    rocksdb::WriteBatch batch;
    for (const std::string& key : keys) {
      // Once more, now that nobody writes: an import renews its id with every chunk.
      std::string stored;
      const rocksdb::Status status =
          database_->db()->Get(rocksdb::ReadOptions(), requests, key, &stored);
      if (!status.ok()) return ReadError(status, "a request id");
      const auto request = ParseRequest(key, stored);
      if (!request || !IsExpired(*request, now_ns)) continue;
      batch.Delete(requests, key);
      ++expired;
    }
    keys.clear();
    return batch.Count() == 0 ? absl::OkStatus() : WriteSynced(&batch, "expiring request ids");
  };
  for (candidates->SeekToFirst(); candidates->Valid(); candidates->Next()) {
    const auto request =
        ParseRequest(candidates->key().ToStringView(), candidates->value().ToStringView());
    if (!request) return DamagedError("a request id");
    if (!IsExpired(*request, now_ns)) continue;
    keys.push_back(candidates->key().ToString());
    if (keys.size() == kChunk) RETURN_IF_ERROR(drop());
  }
  if (!candidates->status().ok()) return ReadError(candidates->status(), "request ids");
  RETURN_IF_ERROR(drop());
  return expired;
}

}  // namespace tandem::store
