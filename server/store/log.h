// SPDX-License-Identifier: Apache-2.0

// The seam between the directory and what keeps it: a replicated log of entries, not a key-value
// store. Implementations: EmbeddedLog (RocksDB in this process). An etcd-backed one joins behind
// the same interface. Only the committer appends; anybody may read.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/record_type.h"
#include "tandem/storage/v1/log_entry.pb.h"

namespace tandem::store {

// The position of a commit: epoch << 40 | sequence. Dense within an epoch, never reused; a restore
// starts a new epoch. 0 means "none".
using Revision = int64_t;
inline constexpr int kEpochShift = 40;
constexpr int64_t EpochOf(Revision revision) { return revision >> kEpochShift; }
constexpr int64_t SequenceOf(Revision revision) {
  return revision & ((int64_t{1} << kEpochShift) - 1);
}
constexpr Revision MakeRevision(int64_t epoch, int64_t sequence) {
  return (epoch << kEpochShift) | sequence;
}

// One record version written by an entry. The record bytes are the wire form that clients get;
// `body_size` is how many of them lie before the server's tail (record_codec.h). Empty bytes only
// for a purge, which removes every version of the record at once. An entry writes an id at most
// once.
struct RecordWrite {
  model::RecordType type;
  std::string id;
  storage::v1::ChangeKind kind;
  Revision previous_revision = 0;
  std::string bytes;
  uint32_t body_size = 0;
};

// One committed write: one revision, all or nothing.
struct Entry {
  Revision revision = 0;
  int64_t commit_time_ns = 0;
  std::string principal;
  std::string method;
  // Empty: no request id. Otherwise `request` is stored under (principal, method, request_id) in
  // the same batch.
  std::string request_id;
  storage::v1::RequestRecord request;
  std::vector<RecordWrite> writes;
};

// What became of an append.
enum class AppendOutcome {
  // Durable: synced to disk.
  kDurable,
  // Somebody else appended since `expected_head`; nothing was written. Catch up and validate again.
  kHeadMoved,
  // It may or may not have happened (replicated logs only). Read back by request id.
  kUnknown,
};

// Receives entries of a feed in revision order. Returning false stops the feed.
using EntryVisitor = std::function<bool(Revision, const storage::v1::LogEntry&)>;

// Receives the newest version of each record during a scan, in key order within one type. `bytes`
// is valid during the call. Returning false stops the scan.
using RecordVisitor =
    std::function<bool(model::RecordType type, std::string_view id, Revision revision,
                       std::string_view bytes, uint32_t body_size)>;

// Thread-safe except where noted.
class Log {
 public:
  virtual ~Log() = default;

  // The revision of the last durable entry; MakeRevision(epoch, 0) when there is none.
  virtual Revision Head() const = 0;

  // Makes `entries` durable in one synced batch. Their revisions must continue `expected_head`
  // densely. One caller at a time. STORAGE_FAILED after any failed write or sync, for good: nothing
  // is acknowledged by this process afterwards. STORAGE_FULL when the disk is full; that one may be
  // tried again.
  virtual absl::StatusOr<AppendOutcome> Append(Revision expected_head,
                                               absl::Span<const Entry> entries) = 0;

  // Visits entries with revision >= from. REVISION_COMPACTED when `from` is older than the kept
  // history, HISTORY_CHANGED when it belongs to another epoch.
  virtual absl::Status Feed(Revision from, const EntryVisitor& visitor) const = 0;

  // Whether a feed may start at `from`: the errors of Feed, without reading anything.
  virtual absl::Status CheckFeed(Revision from) const = 0;
  // The oldest revision a feed can start from; Head() + 1 when no entry is kept.
  virtual Revision LogStart() const = 0;

  // Visits the newest version of every record of `type`, deleted ones included, purged ones not.
  // Consistent: one snapshot.
  virtual absl::Status Scan(model::RecordType type, const RecordVisitor& visitor) const = 0;

  // The same for ids from `from_id` to before `to_id` ("" is open on that side), so that a start
  // can read in parallel.
  virtual absl::Status ScanRange(model::RecordType type, std::string_view from_id,
                                 std::string_view to_id, const RecordVisitor& visitor) const {
    return Scan(type, [&](model::RecordType found, std::string_view id, Revision revision,
                          std::string_view bytes, uint32_t body_size) {
      if (id < from_id) return true;
      if (!to_id.empty() && id >= to_id) return false;
      return visitor(found, id, revision, bytes, body_size);
    });
  }

  // Visits the versions of one record that are not newer than `at`, newest first. Those that were
  // superseded are kept as long as the entries that did it: the version as of `at` is one of them
  // when CheckFeed(at + 1) holds, also after the visit.
  virtual absl::Status Versions(model::RecordType type, std::string_view id, Revision at,
                                const RecordVisitor& visitor) const = 0;

  // Visits the newest version not newer than `at` of every record of `type` whose id comes after
  // `after_id` ("" is the start), in the order of ids, deleted ones included. Purged ones are left
  // out, also when they were there at `at`. The same holds for what is kept.
  virtual absl::Status ScanAt(model::RecordType type, Revision at, std::string_view after_id,
                              const RecordVisitor& visitor) const = 0;

  // Ids, ascending, that cut the records of `type` into at most `parts` ranges of about the same
  // size in bytes; fewer, or none, when there is little to cut. An id may name no record.
  virtual std::vector<std::string> SplitPoints(model::RecordType /*type*/, int /*parts*/) const {
    return {};
  }

  // Drops entries before `before` together with the versions they superseded.
  virtual absl::Status Trim(Revision before) = 0;

  // What is kept of a request id; nullopt when unknown or older than 24 hours.
  virtual absl::StatusOr<std::optional<storage::v1::RequestRecord>> FindRequest(
      std::string_view principal, std::string_view method, std::string_view request_id) const = 0;
};

}  // namespace tandem::store
