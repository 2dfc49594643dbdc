// SPDX-License-Identifier: Apache-2.0

#include "service/write_methods.h"

#include <string>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/excerpt.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"
#include "service/record_preparation.h"
#include "service/write_flow.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Create and Update requests of all resources by field number.
constexpr int kCreateParent = 1;
constexpr int kCreateId = 2;
constexpr int kCreateResource = 3;
constexpr int kUpdateResource = 1;
constexpr int kUpdateMask = 2;
constexpr int kUpdateAllowMissing = 3;
constexpr int kNameNumber = 1;
constexpr int kEtagNumber = 8;

// Delete and Undelete requests differ in nothing but their names.
using DeleteRequest = v1::DeleteAgencyRequest;
using UndeleteRequest = v1::UndeleteAgencyRequest;

const FieldDescriptor* Field(const Message& message, int number) {
  return message.GetDescriptor()->FindFieldByNumber(number);
}

std::string Text(const Message& message, int number) {
  return message.GetReflection()->GetString(message, Field(message, number));
}

// An empty request of a method of the resource, for example CreateAgencyRequest.
std::shared_ptr<Message> MakeRequest(const model::ResourceTraits& resource, std::string_view verb) {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  const Descriptor* type =
      pool->FindMessageTypeByName(StrCat("tandem.v1.", verb, resource.message_name, "Request"));
  return std::shared_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(type)->New());
}

PrepareContext ContextOf(const model::ResourceTraits& resource, const UnaryCall& call,
                         DirectoryReader* reader) {
  return {&resource, StrCat(resource.singular, "."), call.directory().clock->Now(), reader};
}

absl::StatusOr<catalog::PreparedWrite> OneRecord(absl::StatusOr<Preparation> prepared) {
  if (!prepared.ok()) return prepared.status();
  catalog::PreparedWrite write;
  write.records.push_back(std::move(prepared->record));
  write.guards = std::move(prepared->guards);
  return write;
}

std::unique_ptr<Message> CopyOf(const Message& message) {
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

absl::Status RequireResource(const model::ResourceTraits& resource, const Message& request,
                             int number) {
  if (request.GetReflection()->HasField(request, Field(request, number))) return absl::OkStatus();
  return model::FieldsInvalid({{std::string(resource.singular), "is required"}});
}

// The record id of what a Create makes.
absl::StatusOr<std::string> IdOfCreate(const model::ResourceTraits& resource,
                                       const Message& request) {
  ASSIGN_OR_RETURN(std::string parent,
                   model::ParseCreateParent(resource.type, Text(request, kCreateParent)));
  RETURN_IF_ERROR(RequireResource(resource, request, kCreateResource));
  std::string id = Text(request, kCreateId);
  if (id.empty()) id = model::MakeRandomId();
  if (!model::IsResourceId(id)) {
    return model::FieldsInvalid({{StrCat(resource.singular, "_id"),
                                  StrCat("\"", model::Excerpt(id, 80),
                                         "\" is no id: 1 to 63 of a-z, 0-9 and inner dashes")}});
  }
  return parent.empty() ? id : model::ChildRecordId(resource.type, parent, id);
}

}  // namespace

void HandleCreate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  std::shared_ptr<Message> request = MakeRequest(resource, "Create");
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  std::string parent = Text(*request, kCreateParent);
  absl::Span<const std::string> names(&parent, parent.empty() ? 0 : 1);
  if (absl::Status allowed = call->Authorise(names); !allowed.ok()) return call->Fail(allowed);
  absl::StatusOr<std::string> id = IdOfCreate(resource, *request);
  if (!id.ok()) return call->Fail(id.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  RunWrite(std::move(call), *std::move(identity),
           [&resource, raw, request, id = *std::move(id)](DirectoryReader* reader) {
             const Message& record =
                 request->GetReflection()->GetMessage(*request, Field(*request, kCreateResource));
             return OneRecord(PrepareCreate(ContextOf(resource, *raw, reader), id, CopyOf(record)));
           });
}

void HandleUpdate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  std::shared_ptr<Message> request = MakeRequest(resource, "Update");
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  const google::protobuf::Reflection& reflection = *request->GetReflection();
  const Message& patch = reflection.GetMessage(*request, Field(*request, kUpdateResource));
  std::string name = Text(patch, kNameNumber);
  if (absl::Status allowed = call->Authorise({&name, 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::Status present = RequireResource(resource, *request, kUpdateResource);
  if (!present.ok()) return call->Fail(present);
  absl::StatusOr<std::string> id =
      model::ParseNameOf(resource.type, name, StrCat(resource.singular, ".name"));
  if (!id.ok()) return call->Fail(id.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  RunWrite(std::move(call), *std::move(identity),
           [&resource, raw, request, id = *std::move(id)](DirectoryReader* reader) {
             const google::protobuf::Reflection& fields = *request->GetReflection();
             const Message& record = fields.GetMessage(*request, Field(*request, kUpdateResource));
             const FieldDescriptor* mask_field = Field(*request, kUpdateMask);
             const google::protobuf::FieldMask* mask = nullptr;
             if (fields.HasField(*request, mask_field)) {
               mask = static_cast<const google::protobuf::FieldMask*>(
                   &fields.GetMessage(*request, mask_field));
             }
             PrepareContext context = ContextOf(resource, *raw, reader);
             if (fields.GetBool(*request, Field(*request, kUpdateAllowMissing)) &&
                 !reader->view().Find(resource.type, id)) {
               return OneRecord(PrepareCreate(context, id, CopyOf(record)));
             }
             return OneRecord(PrepareUpdate(context, id, record, mask, Text(record, kEtagNumber)));
           });
}

void HandleDelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<DeleteRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(resource.type, request->name());
  if (!id.ok()) return call->Fail(id.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  auto prepare = [&resource, raw, request,
                  id = *id](DirectoryReader* reader) -> absl::StatusOr<catalog::PreparedWrite> {
    if (request->allow_missing()) {
      std::optional<catalog::RowRef> row = reader->view().Find(resource.type, id);
      // Nothing to delete and nothing wrong with that.
      if (!row || row->deleted()) return catalog::PreparedWrite();
    }
    return OneRecord(
        PrepareDelete(ContextOf(resource, *raw, reader), id, request->etag(), request->force()));
  };
  auto answer = [&resource, request, id = *id](const std::shared_ptr<UnaryCall>& answered,
                                               const catalog::CommitResult& result) {
    if (result.replayed || !result.records.empty()) return AnswerRecord(answered, result);
    bool known = answered->directory().catalog->view()->Find(resource.type, id).has_value();
    if (known) return ReplyWithRecord(answered, request->name());
    answered->Reply(CopyToBuffer(""), result.revision);
  };
  RunWrite(std::move(call), *std::move(identity), std::move(prepare), std::move(answer));
}

void HandleUndelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  auto request = std::make_shared<UndeleteRequest>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(resource.type, request->name());
  if (!id.ok()) return call->Fail(id.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  RunWrite(
      std::move(call), *std::move(identity),
      [&resource, raw, request, id = *std::move(id)](DirectoryReader* reader) {
        return OneRecord(PrepareUndelete(ContextOf(resource, *raw, reader), id, request->etag()));
      });
}

}  // namespace tandem::service
