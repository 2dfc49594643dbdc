// SPDX-License-Identifier: Apache-2.0

#include "service/directory.h"

#include <utility>

#include "catalog/merged_names.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/resource_traits.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"

namespace tandem::service {

absl::Status NotFound(model::RecordType type, std::string_view id) {
  std::string name = model::FormatName(type, id);
  return model::ResourceError(model::Reason::kResourceNotFound, model::CollectionOf(type), name,
                              StrCat("there is no ", name), {{"name", name}});
}

absl::Status MergedAway(std::string_view name, std::string_view survivor) {
  return model::PreconditionError(model::Reason::kResourceMerged,
                                  StrCat(name, " was merged into ", survivor, "; change that one"),
                                  "MERGED", {std::string(name)},
                                  {{"name", name}, {"survivor", survivor}});
}

DirectoryReader::DirectoryReader(const Directory& directory, bool may_block)
    : reader_(directory.reader), view_(directory.catalog->view()), may_block_(may_block) {}

absl::StatusOr<catalog::RowRef> DirectoryReader::Find(model::RecordType type,
                                                      std::string_view id) const {
  std::optional<catalog::RowRef> row = view_->Find(type, id);
  if (!row) return NotFound(type, id);
  return *row;
}

absl::Status DirectoryReader::MayBlock() {
  if (may_block_) return absl::OkStatus();
  missed_ = true;
  return absl::UnavailableError("not in memory");
}

absl::StatusOr<catalog::RowRef> DirectoryReader::FindResolved(model::RecordType type,
                                                              std::string_view id) const {
  std::optional<catalog::RowRef> row = view_->Find(type, id);
  if (!row) return NotFound(type, id);
  if (type != model::RecordType::kAgency) return *row;
  return catalog::ResolveMerged(*view_, *row);
}

absl::StatusOr<store::RecordBytes> DirectoryReader::ReadBytes(model::RecordType type,
                                                              std::string_view id,
                                                              store::Revision revision) {
  if (may_block_) return reader_->Read(type, id, revision);
  ASSIGN_OR_RETURN(std::optional<store::RecordBytes> bytes,
                   reader_->ReadCached(type, id, revision));
  if (bytes) return *std::move(bytes);
  return MayBlock();
}

absl::StatusOr<const google::protobuf::Message*> DirectoryReader::ReadMessage(
    model::RecordType type, std::string_view id) {
  std::string name = model::FormatName(type, id);
  auto it = parsed_.find(name);
  if (it != parsed_.end()) return it->second.get();
  ASSIGN_OR_RETURN(catalog::RowRef row, Find(type, id));
  ASSIGN_OR_RETURN(store::RecordBytes bytes, ReadBytes(type, id, row.revision()));
  const model::ResourceTraits* resource = model::FindResource(type);
  if (resource == nullptr) return absl::InternalError(StrCat(name, " is no served resource"));
  std::unique_ptr<google::protobuf::Message> message(resource->prototype->New());
  RETURN_IF_ERROR(ParseStored(bytes.bytes(), name, message.get()));
  const google::protobuf::Message* result = message.get();
  parsed_.emplace(std::move(name), std::move(message));
  return result;
}

}  // namespace tandem::service
