// SPDX-License-Identifier: Apache-2.0

#include "service/write_request.h"

#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/excerpt.h"
#include "model/resource_name.h"
#include "model/status_macros.h"

namespace tandem::service {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of the requests of all resources by number; tests/api holds that they are the same.
constexpr int kCreateParent = 1;
constexpr int kCreateId = 2;
constexpr int kCreateResource = 3;
constexpr int kUpdateResource = 1;
constexpr int kUpdateMask = 2;
constexpr int kUpdateAllowMissing = 3;
// Of Delete, Undelete and Purge, and of every record.
constexpr int kName = 1;
// Of Delete, Undelete and Purge.
constexpr int kEtag = 2;
constexpr int kDeleteAllowMissing = 3;
constexpr int kDeleteForce = 4;
// Of every record.
constexpr int kRecordEtag = 8;

const FieldDescriptor* Field(const Message& message, int number) {
  return message.GetDescriptor()->FindFieldByNumber(number);
}

std::string Text(const Message& message, int number) {
  return message.GetReflection()->GetString(message, Field(message, number));
}

bool Flag(const Message& message, int number) {
  return message.GetReflection()->GetBool(message, Field(message, number));
}

const Message& Record(const Message& message, int number) {
  return message.GetReflection()->GetMessage(message, Field(message, number));
}

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

absl::Status RequireRecord(const model::ResourceTraits& resource, const Message& message,
                           int number) {
  if (message.GetReflection()->HasField(message, Field(message, number))) return absl::OkStatus();
  return model::FieldsInvalid({{std::string(resource.singular), "is required"}});
}

absl::StatusOr<std::string> IdOfCreate(const model::ResourceTraits& resource,
                                       const Message& message, std::string_view batch_parent) {
  std::string parent(batch_parent);
  if (std::string own = Text(message, kCreateParent); parent.empty() || !own.empty()) {
    ASSIGN_OR_RETURN(parent, model::ParseCreateParent(resource.type, own));
  }
  RETURN_IF_ERROR(RequireRecord(resource, message, kCreateResource));
  std::string id = Text(message, kCreateId);
  if (id.empty()) id = model::MakeRandomId();
  if (!model::IsResourceId(id)) {
    return model::FieldsInvalid({{StrCat(resource.singular, "_id"),
                                  StrCat("\"", model::Excerpt(id, 80),
                                         "\" is no id: 1 to 63 of a-z, 0-9 and inner dashes")}});
  }
  return parent.empty() ? id : model::ChildRecordId(resource.type, parent, id);
}

absl::StatusOr<std::string> IdOfUpdate(const model::ResourceTraits& resource,
                                       const Message& message) {
  RETURN_IF_ERROR(RequireRecord(resource, message, kUpdateResource));
  return model::ParseNameOf(resource.type, Text(Record(message, kUpdateResource), kName),
                            StrCat(resource.singular, ".name"));
}

const google::protobuf::FieldMask* MaskOf(const Message& message) {
  const FieldDescriptor* field = Field(message, kUpdateMask);
  if (!message.GetReflection()->HasField(message, field)) return nullptr;
  return static_cast<const google::protobuf::FieldMask*>(
      &message.GetReflection()->GetMessage(message, field));
}

}  // namespace

std::string_view VerbName(WriteVerb verb) {
  switch (verb) {
    case WriteVerb::kCreate:
      return "Create";
    case WriteVerb::kUpdate:
      return "Update";
    case WriteVerb::kDelete:
      return "Delete";
    case WriteVerb::kUndelete:
      return "Undelete";
    case WriteVerb::kPurge:
      return "Purge";
  }
  return "";
}

std::unique_ptr<Message> NewRequest(std::string_view name) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  const auto* type = pool->FindMessageTypeByName(StrCat("tandem.v1.", name));
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

std::string NameInRequest(WriteVerb verb, const Message& request) {
  if (verb == WriteVerb::kCreate) return Text(request, kCreateParent);
  if (verb == WriteVerb::kUpdate) return Text(Record(request, kUpdateResource), kName);
  return Text(request, kName);
}

absl::StatusOr<WriteRequest> WriteRequest::Read(const model::ResourceTraits& resource,
                                                WriteVerb verb,
                                                std::shared_ptr<const Message> message,
                                                std::string_view parent) {
  WriteRequest request(resource, verb, std::move(message));
  absl::StatusOr<std::string> id;
  if (verb == WriteVerb::kCreate) {
    id = IdOfCreate(resource, *request.message_, parent);
  } else if (verb == WriteVerb::kUpdate) {
    id = IdOfUpdate(resource, *request.message_);
  } else {
    id = model::ParseNameOf(resource.type, Text(*request.message_, kName));
  }
  if (!id.ok()) return id.status();
  request.id_ = *std::move(id);
  return request;
}

std::string WriteRequest::IdPath() const {
  if (verb_ == WriteVerb::kCreate) return StrCat(resource_->singular, "_id");
  return verb_ == WriteVerb::kUpdate ? StrCat(resource_->singular, ".name") : "name";
}

absl::StatusOr<std::optional<Preparation>> WriteRequest::Prepare(absl::Time now,
                                                                 DirectoryReader* reader) const {
  if (verb_ == WriteVerb::kDelete && Flag(*message_, kDeleteAllowMissing)) {
    std::optional<catalog::RowRef> row = reader->view().Find(resource_->type, id_);
    if (!row || row->deleted()) return std::optional<Preparation>();
  }
  ASSIGN_OR_RETURN(Preparation preparation,
                   PrepareChange({resource_, StrCat(resource_->singular, "."), now, reader}));
  return std::make_optional(std::move(preparation));
}

absl::StatusOr<Preparation> WriteRequest::PrepareChange(const PrepareContext& context) const {
  switch (verb_) {
    case WriteVerb::kCreate:
      return PrepareCreate(context, id_, CopyOf(Record(*message_, kCreateResource)));
    case WriteVerb::kUpdate: {
      const Message& record = Record(*message_, kUpdateResource);
      if (Flag(*message_, kUpdateAllowMissing) &&
          !context.reader->view().Find(resource_->type, id_)) {
        return PrepareCreate(context, id_, CopyOf(record));
      }
      return PrepareUpdate(context, id_, record, MaskOf(*message_), Text(record, kRecordEtag));
    }
    case WriteVerb::kDelete:
      return PrepareDelete(context, id_, Text(*message_, kEtag), Flag(*message_, kDeleteForce));
    case WriteVerb::kUndelete:
      return PrepareUndelete(context, id_, Text(*message_, kEtag));
    case WriteVerb::kPurge:
      return PreparePurge(context, id_, Text(*message_, kEtag));
  }
  return absl::InternalError("a write without a verb");
}

}  // namespace tandem::service
