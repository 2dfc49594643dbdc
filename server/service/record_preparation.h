// SPDX-License-Identifier: Apache-2.0

// Makes one record ready for the committer: server-owned fields cleared or kept, checked, within
// its states, serialised once. The one way every write takes, single or imported.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/committer.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/message.h"
#include "model/canonical.h"
#include "model/resource_traits.h"
#include "service/directory.h"

namespace tandem::service {

// A record and the records its write relies on.
struct Preparation {
  catalog::PreparedRecord record;
  // Records of the server's own that must go into the same commit: what the sources of an agency
  // said and a correction outvoted.
  std::vector<catalog::PreparedRecord> companions;
  std::vector<catalog::RecordGuard> guards;
};

// What preparing needs to know beside the record.
struct PrepareContext {
  const model::ResourceTraits* resource;
  // Before every field path of an error, for example "agency.".
  std::string prefix;
  absl::Time now;
  DirectoryReader* reader;
  // Imports may write more than other calls.
  model::RecordOrigin origin = model::RecordOrigin::kClient;
};

// The part of creating that looks at nothing but the record: for imports, which check the next
// chunk while the last one is being committed. CheckStates is still to be asked.
absl::StatusOr<catalog::PreparedRecord> PrepareNew(
    const model::ResourceTraits& resource, std::string_view id, std::string_view prefix,
    std::unique_ptr<google::protobuf::Message> record, model::RecordOrigin origin);

// A new record with this id; `record` is taken over.
absl::StatusOr<Preparation> PrepareCreate(const PrepareContext& context, std::string_view id,
                                          std::unique_ptr<google::protobuf::Message> record);

// The record after an update of the current version by `patch` and `mask` (null: none given).
// RESOURCE_NOT_FOUND when there is none or it is deleted. `etag`: the revision the caller saw, as
// text; empty: whatever it is.
absl::StatusOr<Preparation> PrepareUpdate(const PrepareContext& context, std::string_view id,
                                          const google::protobuf::Message& patch,
                                          const google::protobuf::FieldMask* mask,
                                          std::string_view etag);

// Deletion and its reverse. `with_children`: what lies below the record goes too.
// RESOURCE_NOT_FOUND; PrepareUndelete of a live record: RESOURCE_EXISTS.
absl::StatusOr<Preparation> PrepareDelete(const PrepareContext& context, std::string_view id,
                                          std::string_view etag, bool with_children);
absl::StatusOr<Preparation> PrepareUndelete(const PrepareContext& context, std::string_view id,
                                            std::string_view etag);

// Removal for good of a deleted record. RESOURCE_NOT_FOUND; STATE_WRONG for a live one.
absl::StatusOr<Preparation> PreparePurge(const PrepareContext& context, std::string_view id,
                                         std::string_view etag);

// The record with the same fields but `changed` in place of the current message: for verbs that
// write server-owned fields (round states, indices). `changed` keeps name and uid.
absl::StatusOr<Preparation> PrepareReplacement(const PrepareContext& context, std::string_view id,
                                               store::Revision base_revision,
                                               std::unique_ptr<google::protobuf::Message> changed,
                                               std::string_view etag);

// The same for what a person decided about an agency that sources know: what differs from `before`,
// the current version, counts as corrected, so that no sync takes it back.
absl::StatusOr<Preparation> PrepareCorrection(const PrepareContext& context, std::string_view id,
                                              store::Revision base_revision,
                                              const google::protobuf::Message& before,
                                              std::unique_ptr<google::protobuf::Message> changed,
                                              std::string_view etag);

}  // namespace tandem::service
