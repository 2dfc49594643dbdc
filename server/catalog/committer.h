// SPDX-License-Identifier: Apache-2.0

// The one thread that writes. It takes prepared writes, validates each against the catalog at head
// (existence, revision, unique claims, references, referrers, tree), gathers a group, assigns
// revisions, appends the group to the log, publishes it to readers once it is durable, and only
// then acknowledges. The services prepare (parse, check fields, apply masks, serialise); the
// committer never parses a request.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/row_blob.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"
#include "store/log.h"

namespace tandem::catalog {

// What a prepared write does to its record.
enum class WriteKind {
  // The id must be free. RESOURCE_EXISTS or RESOURCE_DELETED_EXISTS otherwise.
  kCreate,
  // Replaces the body of the version `base_revision`.
  kUpdate,
  // Marks as deleted; refused with RESOURCE_IN_USE while live records refer to it or, without
  // `with_children`, lie below it.
  kDelete,
  // Takes a deletion back, together with that of the children that went in the same commit.
  kUndelete,
  // Removes a deleted record for good, with what lies below it; STATE_WRONG for a live one.
  kPurge,
};

// Most children that are deleted or undeleted with one parent; more is refused with LIMIT_EXCEEDED.
inline constexpr size_t kMaxChildrenWithParent = 10'000;

// What an import counts its records as: the order of RequestRecord.import_counts.
enum class ImportOutcome : size_t {
  kCreated,
  kUpdated,
  kUnchanged,
  kSkipped,
  kFailed,
  kConflicted,
  kMissing,
};
inline constexpr size_t kImportOutcomes = 7;

// One record of a write, ready to commit.
struct PreparedRecord {
  model::RecordType type;
  std::string id;
  WriteKind kind = WriteKind::kCreate;
  // For everything but a create: the revision the writer saw; must still be current, else
  // WRITE_CONFLICT (the service prepares again) or, with `etag_given`, ETAG_MISMATCH.
  store::Revision base_revision = 0;
  bool etag_given = false;
  // For delete: the live children go too.
  bool with_children = false;
  // The record with server-owned tail fields (etag, create/update/delete/purge time) cleared and
  // name and uid set; shared with the catalog, which reads its indexed fields from it. Null only
  // for delete and undelete, where the service hands the current message instead of a new one, and
  // for purge.
  std::shared_ptr<const google::protobuf::Message> message;
  // Deterministic serialisation of `message`.
  std::string body;
  // What IndexBody made of `body`; of no account when it was made of another one.
  uint64_t indexed_hash = 0;
  RowBlob values;
  // Create time in nanoseconds of the version before; 0 for a create.
  int64_t create_time_ns = 0;
  // Where it stands in the request, "requests[3]", for errors; empty when it stands alone.
  std::string place;
  // Partial writes only. This record and the one before it are written both or neither, and count
  // as one.
  bool with_previous = false;
  // Partial writes only: what the record counts as when it changes something. Nullopt: created or
  // updated, as it is.
  std::optional<ImportOutcome> counted_as;
};

// Takes the indexed values out of `record->body` and checks that it is one, which needs no order
// among writes: whoever prepares a record does it, so that the committer need not. Nothing happens
// when it was done already, for delete, undelete and purge, or when the body can't be read, which
// the committer refuses.
void IndexBody(PreparedRecord* record);

// A record the writer read and relied on: the write is refused with WRITE_CONFLICT when it has
// moved on.
struct RecordGuard {
  model::RecordType type;
  std::string id;
  store::Revision revision = 0;
};

// One call's writes: all or nothing, one revision.
struct PreparedWrite {
  std::string principal;
  std::string method;
  std::string request_id;
  std::string request_sha256;
  std::vector<PreparedRecord> records;
  // Records outside this write whose revision must still be current, for example the open round of
  // an offer.
  std::vector<RecordGuard> guards;
  // Validate as if to commit and answer what would be stored, but append nothing and keep no
  // request id.
  bool validate_only = false;
  // For imports: refused records do not fail the others, and these totals, by ImportOutcome, are
  // stored with the request id. The committer adds its own outcome of each record to
  // `import_counts` before it stores them.
  bool partial = false;
  int64_t import_number = 0;
  std::vector<int64_t> import_counts;
};

// What became of one record of a write.
struct RecordResult {
  absl::Status status;
  // Revision of the record after the write (unchanged records keep theirs).
  store::Revision revision = 0;
  // A write that changes nothing: no new version, no event.
  bool unchanged = false;
  // The stored wire form; empty when refused or purged.
  std::string bytes;
  // Children that went, or came back, with it.
  int64_t child_count = 0;
};

// What became of a write.
struct CommitResult {
  // The revision of the commit, or of the state it was compared with when nothing changed.
  store::Revision revision = 0;
  std::vector<RecordResult> records;
  std::vector<int64_t> import_counts;
  // The same request id had been committed before; `names` are what it wrote, records is empty.
  bool replayed = false;
  std::vector<std::string> replayed_names;
};

using CommitCallback = std::function<void(absl::StatusOr<CommitResult>)>;

// Thread-safe.
class Committer {
 public:
  virtual ~Committer() = default;
  // Queues a write; `done` runs on the committer's thread after it is durable and visible, or
  // refused, and must be short. OVERLOADED at once when the queue is full, SHUTTING_DOWN after
  // Stop.
  virtual void Submit(PreparedWrite write, CommitCallback done) = 0;
  // Submits and waits.
  virtual absl::StatusOr<CommitResult> Commit(PreparedWrite write) = 0;
};

}  // namespace tandem::catalog
