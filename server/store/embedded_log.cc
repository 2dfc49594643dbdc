// SPDX-License-Identifier: Apache-2.0

#include "store/embedded_log.h"

#include <array>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "rocksdb/file_system.h"
#include "store/checked_value.h"
#include "store/high_water_keeper.h"
#include "store/key_codec.h"
#include "store/rocksdb_status.h"
#include "store/store_parts.h"

namespace tandem::store {
namespace {

using model::MakeError;
using model::Reason;

constexpr std::string_view kSecret = "secret";
constexpr std::string_view kValue = "value";
constexpr size_t kSecretBytes = 32;
// Written and removed to learn whether a disk that was full takes bytes again.
constexpr std::string_view kSpaceProbeFile = "SPACE_PROBE.new";
constexpr size_t kSpaceProbeBytes = size_t{64} << 10U;

storage::v1::LogEntry ToLogEntry(const Entry& entry) {
  storage::v1::LogEntry log;
  log.set_commit_time_ns(entry.commit_time_ns);
  log.set_principal(entry.principal);
  log.set_method(entry.method);
  log.set_request_id(entry.request_id);
  log.mutable_changes()->Reserve(static_cast<int>(entry.writes.size()));
  for (const RecordWrite& write : entry.writes) {
    storage::v1::Change* change = log.add_changes();
    change->set_type(static_cast<uint32_t>(write.type));
    change->set_id(write.id);
    change->set_kind(write.kind);
    change->set_previous_revision(write.previous_revision);
  }
  return log;
}

absl::Status Misuse(std::string_view what) {
  return MakeError(Reason::kInternal, StrCat("the log was misused: ", what));
}

}  // namespace

EmbeddedLog::EmbeddedLog(StoreParts parts)
    : data_dir_(std::move(parts.data_dir)),
      identity_(parts.facts.identity),
      epoch_(parts.facts.epoch),
      min_free_bytes_(parts.min_free_bytes),
      now_ns_(std::move(parts.now_ns)),
      health_(std::move(parts.health)),
      head_(parts.head),
      log_start_(parts.facts.log_start),
      database_(std::move(parts.database)),
      lock_(std::move(parts.lock)) {
  keeper_ = std::make_unique<HighWaterKeeper>(
      parts.env, data_dir_, std::move(parts.mark), parts.high_water_interval,
      [this] { return Head(); },
      [this](const rocksdb::Status& status) {
        health_->Fail(WriteError(status, "writing HIGH_WATER"));
      });
}

EmbeddedLog::~EmbeddedLog() { Close().IgnoreError(); }

absl::Status EmbeddedLog::Close() {
  if (database_ == nullptr) return absl::OkStatus();
  const rocksdb::Status marked = keeper_->Stop();
  keeper_.reset();
  rocksdb::Status flushed;
  if (health_->state().ok()) {
    // Nothing to replay at the next start. Not needed for durability.
    flushed = database_->db()->Flush(rocksdb::FlushOptions(), database_->tables());
  }
  database_.reset();
  lock_.reset();
  RETURN_IF_ERROR(health_->state());
  if (!marked.ok()) return WriteError(marked, "writing HIGH_WATER");
  if (!flushed.ok()) return WriteError(flushed, "writing tables at shutdown");
  return absl::OkStatus();
}

absl::StatusOr<AppendOutcome> EmbeddedLog::Append(Revision expected_head,
                                                  absl::Span<const Entry> entries) {
  absl::MutexLock lock(&write_mutex_);
  const Revision head = Head();
  if (expected_head != head) return AppendOutcome::kHeadMoved;
  if (entries.empty()) return AppendOutcome::kDurable;
  RETURN_IF_ERROR(health_->state());
  RETURN_IF_ERROR(CheckFreeSpace());
  rocksdb::WriteBatch batch;
  Revision next = head;
  for (size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = entries[i];
    if (entry.revision != ++next) {
      return Misuse(StrCat("revision ", entry.revision, " where ", next, " was next"));
    }
    RETURN_IF_ERROR(PutEntry(entries.first(i), entry, &batch));
  }
  RETURN_IF_ERROR(WriteSynced(&batch, "committing"));
  head_.store(next, std::memory_order_release);
  return AppendOutcome::kDurable;
}

absl::Status EmbeddedLog::PutEntry(absl::Span<const Entry> before, const Entry& entry,
                                   rocksdb::WriteBatch* batch) const {
  for (const RecordWrite& write : entry.writes) {
    if (!IsValidRecordId(write.id)) return Misuse("a record id is empty, too long or holds a NUL");
    const bool purge = write.kind == storage::v1::CHANGE_KIND_PURGED;
    RETURN_IF_ERROR(purge ? Purge(before, write, batch) : PutRecord(entry, write, batch));
  }
  const std::string log_key = LogKey(entry.revision);
  batch->Put(database_->table(Table::kLog), log_key,
             SealValue(log_key, ToLogEntry(entry).SerializeAsString()));
  if (entry.request_id.empty()) return absl::OkStatus();
  const std::string request_key = RequestKey(entry.principal, entry.method, entry.request_id);
  batch->Put(database_->table(Table::kRequests), request_key,
             SealValue(request_key, entry.request.SerializeAsString()));
  return absl::OkStatus();
}

absl::Status EmbeddedLog::PutRecord(const Entry& entry, const RecordWrite& write,
                                    rocksdb::WriteBatch* batch) const {
  if (write.bytes.empty() || write.body_size > write.bytes.size()) {
    return Misuse(StrCat("record ", write.id, " has no bytes or a wrong body size"));
  }
  const std::string key = RecordKey(write.type, write.id, entry.revision);
  const auto trailer = ValueTrailer(key, write.bytes, write.body_size);
  const rocksdb::Slice key_part(key);
  const std::array<rocksdb::Slice, 2> value_parts = {
      rocksdb::Slice(write.bytes), rocksdb::Slice(trailer.data(), trailer.size())};
  batch->Put(database_->table(Table::kRecords), rocksdb::SliceParts(&key_part, 1),
             rocksdb::SliceParts(value_parts.data(), static_cast<int>(value_parts.size())));
  return absl::OkStatus();
}

absl::Status EmbeddedLog::Purge(absl::Span<const Entry> before, const RecordWrite& write,
                                rocksdb::WriteBatch* batch) const {
  if (!write.bytes.empty()) return Misuse(StrCat("the purge of record ", write.id, " has bytes"));
  const std::string upper = RecordUpperBound(write.type, write.id);
  const rocksdb::Slice upper_slice(upper);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &upper_slice;
  const std::unique_ptr<rocksdb::Iterator> versions(
      database_->db()->NewIterator(read, database_->table(Table::kRecords)));
  for (versions->Seek(RecordLowerBound(write.type, write.id)); versions->Valid();
       versions->Next()) {
    batch->Delete(database_->table(Table::kRecords), versions->key());
  }
  if (!versions->status().ok()) return ReadError(versions->status(), "versions to purge");
  // Versions that the iterator can't see yet.
  for (const Entry& entry : before) {
    for (const RecordWrite& earlier : entry.writes) {
      if (earlier.type != write.type || earlier.id != write.id) continue;
      batch->Delete(database_->table(Table::kRecords),
                    RecordKey(write.type, write.id, entry.revision));
    }
  }
  return absl::OkStatus();
}

absl::Status EmbeddedLog::CheckFreeSpace() const {
  uint64_t free_bytes = 0;
  const rocksdb::IOStatus status = database_->db()->GetFileSystem()->GetFreeSpace(
      data_dir_, rocksdb::IOOptions(), &free_bytes, nullptr);
  if (!status.ok()) return absl::OkStatus();
  // What is in memory still has to go to files.
  uint64_t unflushed = 0;
  database_->db()->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables,
                                            &unflushed);
  if (free_bytes >= min_free_bytes_ && free_bytes - min_free_bytes_ >= unflushed) {
    return absl::OkStatus();
  }
  return MakeError(
      Reason::kStorageFull,
      StrCat("only ", free_bytes >> 20U, " MiB are free on the disk of the data ", "directory; ",
             min_free_bytes_ >> 20U, " must stay, and ", unflushed >> 20U,
             " more are about to be written; free space and ", "writing goes on by itself"));
}

absl::Status EmbeddedLog::WriteSynced(rocksdb::WriteBatch* batch, std::string_view what) {
  RETURN_IF_ERROR(health_->state());
  if (health_->met_full_disk()) return AfterFullDisk();
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const rocksdb::Status status = database_->db()->Write(synced, batch);
  // A background failure that came in between makes this write doubtful too.
  RETURN_IF_ERROR(health_->state());
  if (status.ok()) return absl::OkStatus();
  absl::Status error = WriteError(status, what);
  if (IsDiskFull(status)) {
    health_->MeetFullDisk();
  } else if (health_->met_full_disk()) {
    // The database refuses in other words what a full disk keeps it from doing.
    return WriteError(rocksdb::Status::NoSpace(status.ToString()), what);
  } else {
    health_->Fail(error);
  }
  return error;
}

absl::Status EmbeddedLog::AfterFullDisk() {
  RETURN_IF_ERROR(CheckFreeSpace());
  RETURN_IF_ERROR(ProbeSpace());
  // Not by RocksDB's Resume: in 7.8 it can enter one flushed file twice into the list of files, and
  // the next start finds a damaged database. What is on disk now is what a crash leaves, and
  // opening that is safe.
  absl::Status error = model::MakeError(
      Reason::kStorageFailed,
      "the disk was full while the database wrote to it; it has room again, and a new start of the "
      "server goes on writing");
  health_->Fail(error);
  return error;
}

absl::Status EmbeddedLog::ProbeSpace() const {
  rocksdb::Env* const env = database_->db()->GetEnv();
  const std::string path = StrCat(data_dir_, "/", kSpaceProbeFile);
  const rocksdb::Status written = rocksdb::WriteStringToFile(
      env, std::string(kSpaceProbeBytes, '\0'), path, /*should_sync=*/true);
  // Gone already when it could not even be made.
  env->DeleteFile(path).PermitUncheckedError();
  return written.ok() ? absl::OkStatus() : WriteError(written, "trying the disk");
}

absl::StatusOr<RecordBytes> EmbeddedLog::Read(model::RecordType type, std::string_view id,
                                              Revision revision) const {
  RecordBytes bytes;
  RETURN_IF_ERROR(ReadTier(type, id, revision, /*cached_only=*/false, &bytes).status());
  return bytes;
}

absl::StatusOr<std::optional<RecordBytes>> EmbeddedLog::ReadCached(model::RecordType type,
                                                                   std::string_view id,
                                                                   Revision revision) const {
  RecordBytes bytes;
  ASSIGN_OR_RETURN(const bool cached, ReadTier(type, id, revision, /*cached_only=*/true, &bytes));
  if (!cached) return std::nullopt;
  return bytes;
}

absl::StatusOr<bool> EmbeddedLog::ReadTier(model::RecordType type, std::string_view id,
                                           Revision revision, bool cached_only,
                                           RecordBytes* bytes) const {
  thread_local std::string key;
  RecordKeyTo(type, id, revision, &key);
  rocksdb::ReadOptions read;
  if (cached_only) read.read_tier = rocksdb::kBlockCacheTier;
  auto pinned = std::make_shared<rocksdb::PinnableSlice>();
  const rocksdb::Status status =
      database_->db()->Get(read, database_->table(Table::kRecords), key, pinned.get());
  if (status.IsIncomplete()) return false;
  const auto name = [&] { return StrCat(model::CollectionOf(type), "/", id); };
  if (status.IsNotFound()) {
    return model::ResourceError(Reason::kResourceNotFound, model::CollectionOf(type), name(),
                                StrCat(name(), " has no version ", revision));
  }
  if (!status.ok()) return ReadError(status, name());
  const std::optional<CheckedValue> value = OpenValue(key, pinned->ToStringView());
  if (!value) return DamagedError(name());
  *bytes = RecordBytes(std::move(pinned), value->payload, value->body_size);
  return true;
}

absl::StatusOr<std::string> EmbeddedLog::SecretKey(std::string_view name) {
  absl::MutexLock lock(&write_mutex_);
  ASSIGN_OR_RETURN(std::optional<std::string> kept, ReadNamedValue(*database_, kSecret, name));
  if (kept) return *std::move(kept);
  std::string made = RandomBytes(kSecretBytes);
  rocksdb::WriteBatch batch;
  PutNamedValue(*database_, kSecret, name, made, &batch);
  RETURN_IF_ERROR(WriteSynced(&batch, "keeping a secret"));
  return made;
}

absl::Status EmbeddedLog::PutMeta(std::string_view name, std::string_view value) {
  absl::MutexLock lock(&write_mutex_);
  rocksdb::WriteBatch batch;
  PutNamedValue(*database_, kValue, name, value, &batch);
  return WriteSynced(&batch, StrCat("keeping ", name));
}

absl::StatusOr<std::optional<std::string>> EmbeddedLog::GetMeta(std::string_view name) const {
  return ReadNamedValue(*database_, kValue, name);
}

}  // namespace tandem::store
