// SPDX-License-Identifier: Apache-2.0

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/batch_methods.h"
#include "service/batch_rules.h"
#include "service/byte_buffer.h"
#include "service/wire_fields.h"
#include "service/write_flow.h"
#include "service/write_request.h"

namespace tandem::service {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Fields of the batch requests of all resources by number; tests/api holds that they are the same.
constexpr int kParentNumber = 1;
constexpr int kRequestsNumber = 2;
constexpr std::string_view kRequests = "requests";
// What belongs to the batch and to none of its requests.
constexpr std::string_view kOfTheBatch[] = {"request_id", "validate_only"};
// Room in an answer for what is not a body: a tail and tags for each record, the revision.
constexpr size_t kTailBytes = 128;

// A batch of writes between its parts: what was asked for, and what the last preparation made of
// it. One thread at a time.
struct Batch {
  const model::ResourceTraits* resource;
  WriteVerb verb;
  std::vector<WriteRequest> requests;
  // By request: its record in the write; nullopt when there was nothing to do.
  std::vector<std::optional<size_t>> records;
};

const FieldDescriptor* RequestsField(const Message& message) {
  return message.GetDescriptor()->FindFieldByNumber(kRequestsNumber);
}

std::vector<std::string> NamesIn(WriteVerb verb, const Message& message, std::string parent) {
  std::vector<std::string> names;
  if (!parent.empty()) names.push_back(std::move(parent));
  const auto& reflection = *message.GetReflection();
  const FieldDescriptor* requests = RequestsField(message);
  for (int i = 0; i < reflection.FieldSize(message, requests); ++i) {
    std::string name = NameInRequest(verb, reflection.GetRepeatedMessage(message, requests, i));
    if (!name.empty()) names.push_back(std::move(name));
  }
  return names;
}

// FIELD_INVALID when a request of the batch says what the batch says.
absl::Status CheckElement(const Message& request) {
  std::vector<model::FieldViolation> violations;
  std::vector<const FieldDescriptor*> set;
  request.GetReflection()->ListFields(request, &set);
  for (const FieldDescriptor* field : set) {
    for (std::string_view name : kOfTheBatch) {
      if (field->name() == name) {
        violations.push_back({std::string(name), "belongs to the batch, not to its requests"});
      }
    }
  }
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

absl::StatusOr<std::vector<WriteRequest>> ReadRequests(const model::ResourceTraits& resource,
                                                       WriteVerb verb,
                                                       const std::shared_ptr<const Message>& batch,
                                                       const std::string& parent_name) {
  const auto& reflection = *batch->GetReflection();
  const FieldDescriptor* field = RequestsField(*batch);
  const int size = reflection.FieldSize(*batch, field);
  RETURN_IF_ERROR(CheckBatchSize(kRequests, size));
  ASSIGN_OR_RETURN(std::string parent, ParseBatchParent(resource, parent_name));
  BatchFindings findings(resource, kRequests, parent);
  std::vector<WriteRequest> requests;
  for (int i = 0; i < size; ++i) {
    const Message& element = reflection.GetRepeatedMessage(*batch, field, i);
    findings.Add(i, CheckElement(element));
    absl::StatusOr<WriteRequest> request =
        WriteRequest::Read(resource, verb, std::shared_ptr<const Message>(batch, &element), parent);
    if (!request.ok()) {
      findings.Add(i, request.status());
      continue;
    }
    findings.AddId(i, request->IdPath(), request->id());
    requests.push_back(*std::move(request));
  }
  RETURN_IF_ERROR(findings.status());
  return requests;
}

absl::StatusOr<catalog::PreparedWrite> PrepareBatch(absl::Time now, Batch* batch,
                                                    DirectoryReader* reader) {
  catalog::PreparedWrite write;
  batch->records.assign(batch->requests.size(), std::nullopt);
  BatchFindings findings(*batch->resource, kRequests, "");
  size_t answer_bytes = 0;
  for (size_t i = 0; i < batch->requests.size(); ++i) {
    const int index = static_cast<int>(i);
    absl::StatusOr<std::optional<Preparation>> prepared = batch->requests[i].Prepare(now, reader);
    if (reader->missed()) return prepared.status();
    findings.Add(index, prepared.status());
    if (!prepared.ok() || !prepared->has_value()) continue;
    batch->records[i] = write.records.size();
    Preparation& one = **prepared;
    one.record.place = PlaceIn(kRequests, index);
    answer_bytes += one.record.body.size() + kTailBytes;
    write.records.push_back(std::move(one.record));
    for (catalog::PreparedRecord& companion : one.companions) {
      companion.place = PlaceIn(kRequests, index);
      write.records.push_back(std::move(companion));
    }
    write.guards.insert(write.guards.end(), one.guards.begin(), one.guards.end());
  }
  RETURN_IF_ERROR(findings.status());
  if (answer_bytes > kMaxResponseBytes) {
    return model::MakeError(model::Reason::kLimitExceeded,
                            StrCat("the answer would have ", answer_bytes, " bytes; at most ",
                                   kMaxResponseBytes, " are sent: nothing was written, take fewer"),
                            {{"limit", "response"},
                             {"max", StrCat(kMaxResponseBytes)},
                             {"actual", StrCat(answer_bytes)}});
  }
  return write;
}

// The records a batch wrote, and as they are now those that it did not write or wrote before.
absl::StatusOr<std::string> AnswerBytes(const Batch& batch, const catalog::CommitResult& result,
                                        const Directory& directory) {
  std::string out;
  DirectoryReader reader(directory, /*may_block=*/true);
  const model::RecordType type = batch.resource->type;
  for (size_t i = 0; i < batch.requests.size(); ++i) {
    if (!result.replayed && batch.records[i]) {
      AppendField(kRecordsNumber, result.records[*batch.records[i]].bytes, &out);
      continue;
    }
    std::string id = batch.requests[i].id();
    // A repeated Create without an id chose another one this time.
    if (result.replayed && batch.verb == WriteVerb::kCreate &&
        result.replayed_names.size() == batch.requests.size()) {
      ASSIGN_OR_RETURN(id, model::ParseNameOf(type, result.replayed_names[i]));
    }
    std::optional<catalog::RowRef> row = reader.view().Find(type, id);
    if (!row) {
      AppendField(kRecordsNumber, std::string_view(), &out);
      continue;
    }
    ASSIGN_OR_RETURN(store::RecordBytes bytes, reader.ReadBytes(type, id, row->revision()));
    AppendField(kRecordsNumber, bytes.bytes(), &out);
  }
  AppendField(kRevisionNumber, result.revision, &out);
  return out;
}

void AnswerBatch(const std::shared_ptr<Batch>& batch, const std::shared_ptr<UnaryCall>& call,
                 const catalog::CommitResult& result) {
  // On the committer's thread, which has others waiting.
  auto answer = [batch, call, result] {
    absl::StatusOr<std::string> bytes = AnswerBytes(*batch, result, call->directory());
    if (!bytes.ok()) return call->Fail(bytes.status());
    call->Reply(MoveToBuffer(*std::move(bytes)), result.revision);
  };
  if (!call->directory().workers->Continue(answer)) answer();
}

void HandleBatchWrite(const model::ResourceTraits& resource, WriteVerb verb,
                      std::shared_ptr<UnaryCall> call) {
  std::shared_ptr<Message> message =
      NewRequest(StrCat("Batch", VerbName(verb), resource.plural_name, "Request"));
  if (absl::Status parsed = call->Parse(message.get()); !parsed.ok()) return call->Fail(parsed);
  std::string parent = message->GetReflection()->GetString(
      *message, message->GetDescriptor()->FindFieldByNumber(kParentNumber));
  absl::Status allowed = call->Authorise(NamesIn(verb, *message, parent));
  if (!allowed.ok()) return call->Fail(allowed);
  absl::StatusOr<std::vector<WriteRequest>> requests =
      ReadRequests(resource, verb, message, parent);
  if (!requests.ok()) return call->Fail(requests.status());
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*message);
  if (!identity.ok()) return call->Fail(identity.status());
  auto batch = std::make_shared<Batch>();
  batch->resource = &resource;
  batch->verb = verb;
  batch->requests = *std::move(requests);
  UnaryCall* raw = call.get();
  RunWrite(
      std::move(call), *std::move(identity),
      [raw, batch](DirectoryReader* reader) {
        return PrepareBatch(raw->directory().clock->Now(), batch.get(), reader);
      },
      [batch](const std::shared_ptr<UnaryCall>& answered, const catalog::CommitResult& result) {
        AnswerBatch(batch, answered, result);
      });
}

}  // namespace

void HandleBatchCreate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleBatchWrite(resource, WriteVerb::kCreate, std::move(call));
}

void HandleBatchUpdate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleBatchWrite(resource, WriteVerb::kUpdate, std::move(call));
}

void HandleBatchDelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call) {
  HandleBatchWrite(resource, WriteVerb::kDelete, std::move(call));
}

}  // namespace tandem::service
