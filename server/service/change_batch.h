// SPDX-License-Identifier: Apache-2.0

// The changes of one revision on their way to watchers. A batch is made once, from what the
// committer just published or from the log, and shared by everybody it goes to: a change is
// serialised once, a version read and parsed at most once.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/catalog.h"
#include "grpcpp/support/slice.h"
#include "model/record_type.h"
#include "query/version_row.h"
#include "store/log.h"
#include "store/record_reader.h"

namespace tandem::service {

// Whether changes of records of this type are told at all: those of public resources. Personal data
// and the parts of a match run's results are not.
bool IsWatched(model::RecordType type);

// Reads versions for batches. Not thread-safe.
struct VersionSource {
  const store::RecordReader* reader = nullptr;
  const store::Log* log = nullptr;
  const catalog::Catalog* catalog = nullptr;
  // False on gRPC's threads. A version that is not in memory is then an error whose text nobody
  // sees: `missed` tells, and the work is done again on a worker.
  bool may_block = false;
  bool missed = false;

  // The version of a record written at `version`, for a change at `revision`. Nullopt when the
  // record was purged since; REVISION_COMPACTED when the change itself was trimmed meanwhile.
  absl::StatusOr<std::optional<store::RecordBytes>> Read(model::RecordType type,
                                                         std::string_view id,
                                                         store::Revision version,
                                                         store::Revision revision);

 private:
  // Whether the record that has this version is there no more. What the reader keeps in memory
  // outlives it.
  bool WasPurged(model::RecordType type, std::string_view id,
                 const store::RecordBytes& version) const;
};

// What a change did to one record.
struct ChangeHeader {
  model::RecordType type = model::RecordType::kAgency;
  std::string id;
  storage::v1::ChangeKind kind = storage::v1::CHANGE_KIND_UNSPECIFIED;
  store::Revision previous_revision = 0;
};

// Thread-safe.
class ChangeBatch {
 public:
  // From a commit; takes its bytes over.
  explicit ChangeBatch(store::Entry entry);
  // From the log; versions are read when they are asked for.
  ChangeBatch(store::Revision revision, const storage::v1::LogEntry& entry);

  store::Revision revision() const { return revision_; }
  // All changes of the revision, in its order; those of unwatched types too, so that a position in
  // a revision means the same in memory and in the log.
  size_t size() const { return changes_.size(); }
  const ChangeHeader& header(size_t i) const { return changes_[i].header; }
  // What the batch keeps in memory, about.
  size_t bytes() const { return bytes_; }

  // The change as an element of `events` (ChangeEvent, tag and length included), without the record
  // before.
  absl::StatusOr<grpc::Slice> Framed(size_t i, VersionSource* source) const;
  // The same in another kind, with or without the record after, and with the record before when
  // `with_previous`. Made anew for each caller.
  absl::StatusOr<grpc::Slice> Reframed(size_t i, storage::v1::ChangeKind kind, bool with_record,
                                       bool with_previous, VersionSource* source) const;

  // The versions after and before the change, to ask conditions of; null when there is none.
  absl::StatusOr<const query::VersionRow*> After(size_t i, VersionSource* source) const;
  absl::StatusOr<const query::VersionRow*> Before(size_t i, VersionSource* source) const;

 private:
  struct Version {
    bool loaded = false;
    // Nullopt: there is none.
    std::optional<store::RecordBytes> bytes;
    std::unique_ptr<const query::VersionRow> row;
  };
  struct Change {
    ChangeHeader header;
    mutable Version after;
    mutable Version before;
    mutable std::optional<grpc::Slice> framed;
  };

  absl::Status Load(const Change& change, bool after, VersionSource* source) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::StatusOr<const query::VersionRow*> Row(const Change& change, bool after,
                                               VersionSource* source) const;
  std::string Serialise(const Change& change, storage::v1::ChangeKind kind, bool with_record,
                        bool with_previous) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const store::Revision revision_;
  const int64_t commit_time_ns_;
  size_t bytes_ = 0;
  // The headers never change; the rest under mu_.
  std::vector<Change> changes_;
  mutable absl::Mutex mu_;
};

}  // namespace tandem::service
