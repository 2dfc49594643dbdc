// SPDX-License-Identifier: Apache-2.0

// One request of a method that writes a single record, of any resource: alone, or as an element of
// a batch. Read and checked for its shape once, then prepared as often as its write has to be
// tried.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "model/resource_traits.h"
#include "service/directory.h"
#include "service/record_preparation.h"

namespace tandem::service {

enum class WriteVerb { kCreate, kUpdate, kDelete, kUndelete, kPurge };

// "Create": the method's name without the resource.
std::string_view VerbName(WriteVerb verb);

// An empty request of a method, for example "CreateAgencyRequest". The method must exist.
std::unique_ptr<google::protobuf::Message> NewRequest(std::string_view name);

// The name a request says: of the record, or the parent's for a Create; not yet checked, perhaps
// empty.
std::string NameInRequest(WriteVerb verb, const google::protobuf::Message& request);

// Immutable. Any number of threads.
class WriteRequest {
 public:
  // `message`: a request of `verb` of the resource. `parent`: the id of the parent that a batch
  // says for all, used by a Create that says none. FIELD_INVALID with paths in the request.
  static absl::StatusOr<WriteRequest> Read(const model::ResourceTraits& resource, WriteVerb verb,
                                           std::shared_ptr<const google::protobuf::Message> message,
                                           std::string_view parent = "");

  // The record's id; one the server chose for a Create without.
  const std::string& id() const { return id_; }
  // The path of the field that says it, for errors: "agency_id", "agency.name", "name".
  std::string IdPath() const;

  // The record on what the reader sees now; nullopt when there is nothing to do and that is fine.
  // RESOURCE_NOT_FOUND, RESOURCE_EXISTS, ETAG_MISMATCH, STATE_WRONG, FIELD_INVALID and what
  // record_states.h forbids.
  absl::StatusOr<std::optional<Preparation>> Prepare(absl::Time now, DirectoryReader* reader) const;

 private:
  WriteRequest(const model::ResourceTraits& resource, WriteVerb verb,
               std::shared_ptr<const google::protobuf::Message> message)
      : resource_(&resource), verb_(verb), message_(std::move(message)) {}
  absl::StatusOr<Preparation> PrepareChange(const PrepareContext& context) const;

  const model::ResourceTraits* resource_;
  WriteVerb verb_;
  std::shared_ptr<const google::protobuf::Message> message_;
  std::string id_;
};

}  // namespace tandem::service
