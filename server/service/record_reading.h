// SPDX-License-Identifier: Apache-2.0

// How a request reads single records: as of which revision, and which fields it gets to see.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/resource_traits.h"
#include "service/directory.h"
#include "store/record_reader.h"
#include "tandem/v1/resource_view.pb.h"

namespace tandem::service {

// What a Get, a BatchGet or a List asks for beside the records.
struct RecordReading {
  v1::ResourceView view = v1::RESOURCE_VIEW_UNSPECIFIED;
  // 0: now.
  store::Revision read_revision = 0;
  // The name of a merged record stands for the record it was merged into.
  bool resolve_merged = false;

  // FIELD_INVALID for a view this server does not know and for a revision that never was;
  // HISTORY_CHANGED, REVISION_COMPACTED.
  absl::Status Check(const Directory& directory, store::Revision newest) const;
  // The revision the answer is about when now is `newest`.
  store::Revision RevisionOf(store::Revision newest) const {
    return read_revision == 0 ? newest : read_revision;
  }
};

// Whether records can be read as of `at`, `newest` being the newest revision. FIELD_INVALID for
// `read_revision`, HISTORY_CHANGED, or REVISION_COMPACTED with the oldest one as metadata
// `earliest`.
absl::Status CheckReadRevision(const store::Log& log, store::Revision newest, store::Revision at);

// What of a stored record goes out: its bytes as they are, or a copy that differs from them.
class ShownRecord {
 public:
  explicit ShownRecord(store::RecordBytes stored) : stored_(std::move(stored)) {}
  explicit ShownRecord(std::string changed) : changed_(std::move(changed)), is_changed_(true) {}
  std::string_view bytes() const { return is_changed_ ? changed_ : stored_.bytes(); }

 private:
  store::RecordBytes stored_;
  std::string changed_;
  bool is_changed_ = false;
};

// The record `id` as `reading` asks for it. RESOURCE_NOT_FOUND, RECORD_CORRUPT, and the errors of
// RecordReading::Check for what was dropped while it was read.
absl::StatusOr<ShownRecord> ReadRecord(const model::ResourceTraits& resource,
                                       const Directory& directory, const RecordReading& reading,
                                       std::string_view id, DirectoryReader* reader);

// The version `revision` of a record as `view` shows it.
absl::StatusOr<ShownRecord> ReadVersion(const model::ResourceTraits& resource,
                                        const Directory& directory, v1::ResourceView view,
                                        std::string_view id, store::Revision revision,
                                        DirectoryReader* reader);

}  // namespace tandem::service
