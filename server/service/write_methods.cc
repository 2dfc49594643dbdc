// SPDX-License-Identifier: Apache-2.0

#include "service/write_methods.h"

#include <string>
#include <utility>

#include "model/absl_strings.h"
#include "model/resource_name.h"
#include "service/byte_buffer.h"
#include "service/write_flow.h"
#include "service/write_request.h"
#include "tandem/v1/purge.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;

absl::StatusOr<catalog::PreparedWrite> OneRecord(
    absl::StatusOr<std::optional<Preparation>> prepared) {
  if (!prepared.ok()) return prepared.status();
  catalog::PreparedWrite write;
  if (!prepared->has_value()) return write;
  write.records.push_back(std::move((*prepared)->record));
  for (catalog::PreparedRecord& companion : (*prepared)->companions) {
    write.records.push_back(std::move(companion));
  }
  write.guards = std::move((*prepared)->guards);
  return write;
}

// The answer to a write that found nothing to do: the record as it is, or an empty one.
void AnswerUntouched(const model::ResourceTraits& resource, const std::string& id,
                     const std::shared_ptr<UnaryCall>& call, store::Revision revision) {
  bool known = call->directory().catalog->view()->Find(resource.type, id).has_value();
  if (known) return ReplyWithRecord(call, model::FormatName(resource.type, id));
  call->Reply(CopyToBuffer(""), revision);
}

void AnswerPurge(const std::shared_ptr<UnaryCall>& call, const catalog::CommitResult& result) {
  v1::PurgeResponse response;
  response.set_revision(result.revision);
  response.set_purged_count(result.replayed ? static_cast<int64_t>(result.replayed_names.size())
                                            : 1 + result.records.front().child_count);
  call->Reply(response, result.revision);
}

void HandleWrite(const model::ResourceTraits& resource, WriteVerb verb,
                 std::shared_ptr<UnaryCall> call) {
  std::shared_ptr<Message> message =
      NewRequest(StrCat(VerbName(verb), resource.message_name, "Request"));
  if (absl::Status parsed = call->Parse(message.get()); !parsed.ok()) return call->Fail(parsed);
  std::string name = NameInRequest(verb, *message);
  absl::Span<const std::string> names(&name, name.empty() ? 0 : 1);
  if (absl::Status allowed = call->Authorise(names); !allowed.ok()) return call->Fail(allowed);
  absl::StatusOr<WriteRequest> request = WriteRequest::Read(resource, verb, message);
  if (!request.ok()) return call->Fail(request.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*message);
  if (!identity.ok()) return call->Fail(identity.status());
  UnaryCall* raw = call.get();
  auto prepare = [raw, request = *request](DirectoryReader* reader) {
    return OneRecord(request.Prepare(raw->directory().clock->Now(), reader));
  };
  auto answer = [&resource, verb, id = request->id()](const std::shared_ptr<UnaryCall>& answered,
                                                      const catalog::CommitResult& result) {
    if (verb == WriteVerb::kPurge) return AnswerPurge(answered, result);
    if (result.replayed || !result.records.empty()) return AnswerRecord(answered, result);
    AnswerUntouched(resource, id, answered, result.revision);
  };
  RunWrite(std::move(call), *std::move(identity), std::move(prepare), std::move(answer));
}

}  // namespace

void HandleCreate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleWrite(resource, WriteVerb::kCreate, std::move(call));
}

void HandleUpdate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleWrite(resource, WriteVerb::kUpdate, std::move(call));
}

void HandleDelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleWrite(resource, WriteVerb::kDelete, std::move(call));
}

void HandleUndelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleWrite(resource, WriteVerb::kUndelete, std::move(call));
}

void HandlePurge(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleWrite(resource, WriteVerb::kPurge, std::move(call));
}

}  // namespace tandem::service
