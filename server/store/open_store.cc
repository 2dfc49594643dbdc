// SPDX-License-Identifier: Apache-2.0

#include "store/open_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "store/rocksdb_status.h"
#include "store/store_parts.h"

namespace tandem::store {
namespace {

using model::MakeError;
using model::Reason;

constexpr std::string_view kRestore = "restore the newest backup into an empty directory";
constexpr size_t kIdentityBytes = 16;

// What a look at the database told, before anything was changed.
struct Found {
  StoreFacts facts;
  Revision head = 0;
};

class Opener {
 public:
  explicit Opener(StoreOptions options) : options_(std::move(options)) {
    if (options_.env == nullptr) options_.env = rocksdb::Env::Default();
    if (!options_.now_ns) options_.now_ns = [] { return absl::GetCurrentTimeNanos(); };
    health_ = std::make_unique<WriteHealth>(options_.on_storage_failed);
  }

  absl::StatusOr<std::unique_ptr<EmbeddedLog>> Run() {
    RETURN_IF_ERROR(PrepareDataDir(options_.env, options_.data_dir));
    ASSIGN_OR_RETURN(lock_, DataDirLock::Take(options_.env, options_.data_dir));
    // Again, now that nobody else can change it.
    RETURN_IF_ERROR(PrepareDataDir(options_.env, options_.data_dir));
    ASSIGN_OR_RETURN(HighWaterFile file, ReadHighWater(options_.env, options_.data_dir));
    ASSIGN_OR_RETURN(DatabaseFolder folder, LookAtDatabase(options_.env, options_.data_dir));
    const bool untouched =
        !file.exists && (folder == DatabaseFolder::kAbsent || folder == DatabaseFolder::kEmpty);
    if (untouched || (file.mark && file.mark->initialising)) {
      RETURN_IF_ERROR(Initialise());
    } else {
      RETURN_IF_ERROR(OpenExisting(file, folder));
    }
    return Hand();
  }

 private:
  absl::Status Refuse(Reason reason, std::string_view what) const {
    return MakeError(reason, StrCat("data directory ", options_.data_dir, ": ", what),
                     {{"dataDir", options_.data_dir}});
  }

  absl::Status Initialise() {
    HighWater mark;
    mark.format = kStorageFormat;
    mark.initialising = true;
    RETURN_IF_ERROR(SaveMark(mark));
    RETURN_IF_ERROR(ClearDatabaseFolder(options_.env, options_.data_dir));
    RETURN_IF_ERROR(OpenDatabase(OpenMode::kCreate));
    facts_.format = kStorageFormat;
    facts_.identity = absl::BytesToHexString(RandomBytes(kIdentityBytes));
    facts_.log_start = MakeRevision(facts_.epoch, 1);
    head_ = MakeRevision(facts_.epoch, 0);
    RETURN_IF_ERROR(SaveFacts());
    // Into a file, so that a store that lost its log files still says what it is.
    const rocksdb::Status flushed =
        database_->db()->Flush(rocksdb::FlushOptions(), database_->tables());
    if (!flushed.ok()) return WriteError(flushed, "making the database");
    // The directory's own name must survive a power cut too.
    std::unique_ptr<rocksdb::Directory> directory;
    rocksdb::Status synced =
        options_.env->NewDirectory(StrCat(options_.data_dir, "/.."), &directory);
    if (synced.ok()) synced = directory->Fsync();
    if (!synced.ok()) return WriteError(synced, "making the data directory");
    mark.initialising = false;
    mark.identity = facts_.identity;
    mark.revision = head_;
    return SaveMark(mark);
  }

  absl::Status OpenExisting(const HighWaterFile& file, DatabaseFolder folder) {
    if (file.mark && file.mark->format > kStorageFormat) return NewerFormat(file.mark->format);
    RETURN_IF_ERROR(CheckFolder(file, folder));
    RETURN_IF_ERROR(CheckTables(options_.env, options_.data_dir));
    ASSIGN_OR_RETURN(Found found, Look());
    if (found.facts.format > kStorageFormat) return NewerFormat(found.facts.format);
    const absl::Status complete = CheckComplete(file, found);
    const bool accepted = !complete.ok() && options_.accept_data_loss_revision == found.head;
    if (!complete.ok() && !accepted) return complete;
    RETURN_IF_ERROR(OpenDatabase(OpenMode::kReadWrite));
    facts_ = found.facts;
    head_ = found.head;
    if (accepted) RETURN_IF_ERROR(StartEpoch(file));
    HighWater mark;
    mark.format = kStorageFormat;
    mark.identity = facts_.identity;
    mark.revision = head_;
    return SaveMark(mark);
  }

  absl::Status CheckFolder(const HighWaterFile& file, DatabaseFolder folder) const {
    switch (folder) {
      case DatabaseFolder::kPresent:
        return absl::OkStatus();
      case DatabaseFolder::kWithoutCurrent:
        return Refuse(Reason::kDataDirInvalid, StrCat("db/ has files but no CURRENT; ", kRestore));
      case DatabaseFolder::kAbsent:
      case DatabaseFolder::kEmpty:
        break;
    }
    const std::string last =
        file.mark ? StrCat(file.mark->revision) : "unknown (HIGH_WATER is damaged)";
    return Refuse(Reason::kDataBehind,
                  StrCat("db/ is missing or empty, but the last acknowledged revision is ", last,
                         "; ", kRestore));
  }

  // Reads what the database says of itself without changing a byte: a refused directory stays as it
  // was.
  absl::StatusOr<Found> Look() const {
    std::unique_ptr<Database> database;
    DatabaseOptions options;
    options.env = options_.env;
    options.path = DatabasePath(options_.data_dir);
    const rocksdb::Status status = Database::Open(options, OpenMode::kReadOnly, &database);
    if (!status.ok()) return Damaged(status.ToString());
    const absl::StatusOr<StoreFacts> facts = ReadFacts(*database);
    if (!facts.ok()) return Damaged(ToStd(facts.status().message()));
    const absl::StatusOr<Revision> head = ReadHead(*database, *facts);
    if (!head.ok()) return Damaged(ToStd(head.status().message()));
    return Found{*facts, *head};
  }

  absl::Status CheckComplete(const HighWaterFile& file, const Found& found) const {
    const std::string accept =
        StrCat(kRestore, ", or start once with --accept-data-loss=", found.head,
               " to go on from revision ", found.head);
    if (!file.exists) {
      return Refuse(
          Reason::kDataDirInvalid,
          StrCat("HIGH_WATER is missing, so nobody can tell whether db/ is complete; ", accept));
    }
    if (!file.mark) {
      return Refuse(
          Reason::kDataDirInvalid,
          StrCat("HIGH_WATER is damaged, so nobody can tell whether db/ is complete; ", accept));
    }
    if (file.mark->identity != found.facts.identity) {
      return Refuse(Reason::kDataDirInvalid,
                    StrCat("db/ belongs to another store than HIGH_WATER (", found.facts.identity,
                           ", ", file.mark->identity, "); ", accept));
    }
    if (found.head < file.mark->revision) {
      return Refuse(Reason::kDataBehind,
                    StrCat("the data ends at revision ", found.head, " but ", file.mark->revision,
                           " was acknowledged; ", accept));
    }
    return absl::OkStatus();
  }

  // Readers of the lost revisions get HISTORY_CHANGED from now on.
  absl::Status StartEpoch(const HighWaterFile& file) {
    const int64_t seen = file.mark ? EpochOf(file.mark->revision) : 0;
    facts_.epoch = std::max(facts_.epoch, seen) + 1;
    facts_.log_start = MakeRevision(facts_.epoch, 1);
    head_ = MakeRevision(facts_.epoch, 0);
    return SaveFacts();
  }

  absl::Status NewerFormat(int format) const {
    return Refuse(Reason::kDataDirInvalid,
                  StrCat("was written by a newer Tandem (storage format ", format,
                         ", this one reads ", kStorageFormat, "); start that version"));
  }

  absl::Status Damaged(std::string_view what) const {
    return Refuse(Reason::kDataDirInvalid, StrCat("db/ is damaged (", what, "); ", kRestore));
  }

  absl::Status OpenDatabase(OpenMode mode) {
    DatabaseOptions options;
    options.env = options_.env;
    options.path = DatabasePath(options_.data_dir);
    options.cache_bytes = options_.cache_bytes;
    options.write_buffer_bytes = options_.write_buffer_bytes;
    options.background_error = [health = health_.get()](const rocksdb::Status& error) {
      if (IsDiskFull(error)) {
        health->MeetFullDisk();
      } else {
        health->Fail(WriteError(error, "writing the database"));
      }
    };
    options.sync_failed = [health = health_.get()](const rocksdb::Status& error) {
      health->Fail(FailedForGood(error, "syncing the database"));
    };
    const rocksdb::Status status = Database::Open(options, mode, &database_);
    if (status.ok()) return absl::OkStatus();
    if (absl::StrContains(status.ToString(), "/LOCK")) {
      return Refuse(Reason::kDataDirLocked, "another process has db/ open; stop it first");
    }
    if (status.IsIOError()) return WriteError(status, StrCat("opening ", options.path));
    return Damaged(status.ToString());
  }

  absl::Status SaveFacts() {
    rocksdb::WriteBatch batch;
    PutFacts(*database_, facts_, &batch);
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const rocksdb::Status status = database_->db()->Write(synced, &batch);
    return status.ok() ? absl::OkStatus() : WriteError(status, "writing the store's facts");
  }

  absl::Status SaveMark(const HighWater& mark) {
    const rocksdb::Status status = WriteHighWater(options_.env, options_.data_dir, mark);
    if (!status.ok()) return WriteError(status, "writing HIGH_WATER");
    mark_ = mark;
    return absl::OkStatus();
  }

  std::unique_ptr<EmbeddedLog> Hand() {
    StoreParts parts;
    parts.data_dir = options_.data_dir;
    parts.env = options_.env;
    parts.lock = std::move(lock_);
    parts.health = std::move(health_);
    parts.database = std::move(database_);
    parts.facts = facts_;
    parts.head = head_;
    parts.mark = mark_;
    parts.high_water_interval = options_.high_water_interval;
    parts.min_free_bytes = options_.min_free_bytes;
    parts.now_ns = options_.now_ns;
    return std::make_unique<EmbeddedLog>(std::move(parts));
  }

  StoreOptions options_;
  // The database's threads report to it until they end: it goes last.
  std::unique_ptr<WriteHealth> health_;
  std::unique_ptr<DataDirLock> lock_;
  std::unique_ptr<Database> database_;
  StoreFacts facts_;
  Revision head_ = 0;
  HighWater mark_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedLog>> OpenStore(StoreOptions options) {
  return Opener(std::move(options)).Run();
}

}  // namespace tandem::store
