// SPDX-License-Identifier: Apache-2.0

#include "service/record_preparation.h"

#include <utility>

#include "google/protobuf/timestamp.pb.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/excerpt.h"
#include "model/field_mask.h"
#include "model/pairing_states.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/field_ownership.h"
#include "service/record_states.h"
#include "service/reference_validity.h"
#include "store/record_codec.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;

// Field numbers every resource shares.
constexpr int kNameNumber = 1;
constexpr int kUidNumber = 2;
constexpr int kCreateTimeNumber = 4;

void SetText(Message* record, int number, std::string value) {
  record->GetReflection()->SetString(record, record->GetDescriptor()->FindFieldByNumber(number),
                                     std::move(value));
}

int64_t CreateTimeNs(const Message& record) {
  const auto* field = record.GetDescriptor()->FindFieldByNumber(kCreateTimeNumber);
  const auto& time = static_cast<const google::protobuf::Timestamp&>(
      record.GetReflection()->GetMessage(record, field));
  return time.seconds() * 1'000'000'000 + time.nanos();
}

// What only the server puts into a new record beside name and uid.
void SetInitialState(Message* record) {
  if (auto* round = dynamic_cast<v1::Round*>(record)) round->set_state(v1::ROUND_STATE_DRAFT);
  if (auto* pairing = dynamic_cast<v1::Pairing*>(record)) {
    // Imports bring the state of pairings that are older than the directory.
    if (model::PairingIsProposed(pairing->state())) {
      pairing->set_state(v1::PAIRING_STATE_PROPOSED);
    }
  }
}

// A replacing import says where its pairing stands; one that knows of no more than the proposal
// must not take a running pairing back, nor the part of the slots that was accepted.
void TakeImportedLife(const Message& stored, const Message& given, Message* record) {
  auto* pairing = dynamic_cast<v1::Pairing*>(record);
  if (pairing == nullptr ||
      !model::PairingIsProposed(static_cast<const v1::Pairing&>(given).state())) {
    return model::TakeImportableFields(given, record);
  }
  if (!model::PairingIsProposed(pairing->state())) {
    pairing->set_slots(static_cast<const v1::Pairing&>(stored).slots());
  }
}

// An etag that is none of ours matches no version.
absl::Status UseEtag(const PrepareContext& context, std::string_view id, std::string_view etag,
                     catalog::PreparedRecord* record) {
  if (etag.empty()) return absl::OkStatus();
  record->etag_given = true;
  std::optional<store::Revision> revision = store::ParseEtag(etag);
  if (revision) {
    record->base_revision = *revision;
    return absl::OkStatus();
  }
  std::string current = store::EtagOf(record->base_revision);
  std::string name = model::FormatName(context.resource->type, id);
  return model::MakeError(
      model::Reason::kEtagMismatch,
      StrCat(name, " has the etag ", current, ", not ", model::Excerpt(etag, 40)),
      {{"name", name}, {"currentEtag", current}});
}

// The current version, live or not.
struct Current {
  catalog::RowRef row;
  const Message* message;
};

absl::StatusOr<Current> ReadCurrent(const PrepareContext& context, std::string_view id) {
  ASSIGN_OR_RETURN(catalog::RowRef row, context.reader->Find(context.resource->type, id));
  ASSIGN_OR_RETURN(const Message* message, context.reader->ReadMessage(context.resource->type, id));
  return Current{row, message};
}

catalog::PreparedRecord RecordOf(const PrepareContext& context, std::string_view id,
                                 catalog::WriteKind kind, const Current* current) {
  catalog::PreparedRecord record;
  record.type = context.resource->type;
  record.id = std::string(id);
  record.kind = kind;
  if (current != nullptr) {
    record.base_revision = current->row.revision();
    record.create_time_ns = CreateTimeNs(*current->message);
  }
  return record;
}

// Checks `message`, then serialises it into `record`.
absl::Status Finish(model::RecordType type, std::string_view prefix,
                    std::unique_ptr<Message> message, std::vector<model::FieldViolation> violations,
                    catalog::PreparedRecord* record) {
  if (violations.empty()) {
    model::CheckRecord(type, message.get(), prefix, &violations);
  }
  if (!violations.empty()) return model::FieldsInvalid(violations);
  record->body = model::SerializeCanonical(*message);
  record->message = std::move(message);
  catalog::IndexBody(record);
  return absl::OkStatus();
}

// What a person changes in an agency that sources know counts as corrected: no sync overwrites it.
absl::Status NoteCorrections(const PrepareContext& context, const Message& before, Message* after,
                             Preparation* result) {
  const auto* stored = dynamic_cast<const v1::Agency*>(&before);
  if (stored == nullptr) return absl::OkStatus();
  auto* agency = static_cast<v1::Agency*>(after);
  KeepSourceEntries(stored, agency);
  if (stored->source_ids().empty()) return absl::OkStatus();
  // In normal form before it is compared; what is wrong is told when the record is finished.
  std::vector<model::FieldViolation> told_later;
  model::CheckRecord(model::RecordType::kAgency, agency, context.prefix, &told_later);
  if (!told_later.empty()) return absl::OkStatus();
  FieldOwnership ownership(context.reader, context.now, agency);
  RETURN_IF_ERROR(ownership.Correct(*stored));
  ASSIGN_OR_RETURN(result->companions, ownership.TakeConflicts());
  return absl::OkStatus();
}

// The current message without its tail, for writes that keep the record as it is.
void KeepMessage(const Current& current, catalog::PreparedRecord* record) {
  std::unique_ptr<Message> message(current.message->New());
  message->CopyFrom(*current.message);
  model::ClearTail(message.get());
  record->body = model::SerializeCanonical(*message);
  record->message = std::move(message);
}

}  // namespace

absl::StatusOr<catalog::PreparedRecord> PrepareNew(const model::ResourceTraits& resource,
                                                   std::string_view id, std::string_view prefix,
                                                   std::unique_ptr<Message> record,
                                                   model::RecordOrigin origin) {
  model::ClearServerFields(record.get(), origin);
  SetText(record.get(), kNameNumber, model::FormatName(resource.type, id));
  SetText(record.get(), kUidNumber, model::MakeUuid());
  SetInitialState(record.get());
  if (auto* agency = dynamic_cast<v1::Agency*>(record.get())) KeepSourceEntries(nullptr, agency);
  catalog::PreparedRecord prepared;
  prepared.type = resource.type;
  prepared.id = std::string(id);
  prepared.kind = catalog::WriteKind::kCreate;
  RETURN_IF_ERROR(Finish(resource.type, prefix, std::move(record), {}, &prepared));
  return prepared;
}

absl::StatusOr<Preparation> PrepareCreate(const PrepareContext& context, std::string_view id,
                                          std::unique_ptr<Message> record) {
  Preparation result;
  ASSIGN_OR_RETURN(result.record, PrepareNew(*context.resource, id, context.prefix,
                                             std::move(record), context.origin));
  RETURN_IF_ERROR(CheckReferenceDays(context.resource->type, nullptr, *result.record.message,
                                     context.now, context.prefix, *context.reader));
  RETURN_IF_ERROR(CheckStates(context.resource->type, nullptr, result.record.message.get(),
                              context.now, context.prefix, context.reader, &result.guards));
  return result;
}

absl::StatusOr<Preparation> PrepareUpdate(const PrepareContext& context, std::string_view id,
                                          const Message& patch,
                                          const google::protobuf::FieldMask* mask,
                                          std::string_view etag) {
  ASSIGN_OR_RETURN(Current current, ReadCurrent(context, id));
  if (current.row.deleted()) return NotFound(context.resource->type, id);
  Preparation result;
  result.record = RecordOf(context, id, catalog::WriteKind::kUpdate, &current);
  RETURN_IF_ERROR(UseEtag(context, id, etag, &result.record));
  std::unique_ptr<Message> message(current.message->New());
  message->CopyFrom(*current.message);
  model::ClearTail(message.get());
  std::vector<model::FieldViolation> violations;
  model::ApplyUpdateMask(patch, mask, context.prefix, message.get(), &violations);
  if (context.origin == model::RecordOrigin::kImport) {
    TakeImportedLife(*current.message, patch, message.get());
  }
  if (violations.empty()) {
    RETURN_IF_ERROR(NoteCorrections(context, *current.message, message.get(), &result));
  }
  const Message* after = message.get();
  RETURN_IF_ERROR(Finish(context.resource->type, context.prefix, std::move(message),
                         std::move(violations), &result.record));
  RETURN_IF_ERROR(CheckReferenceDays(context.resource->type, current.message, *after, context.now,
                                     context.prefix, *context.reader));
  RETURN_IF_ERROR(CheckStates(context.resource->type, current.message, after, context.now,
                              context.prefix, context.reader, &result.guards));
  if (context.origin == model::RecordOrigin::kClient) {
    RETURN_IF_ERROR(CheckStillOpen(context.resource->type, *current.message, *after));
  }
  return result;
}

absl::StatusOr<Preparation> PrepareDelete(const PrepareContext& context, std::string_view id,
                                          std::string_view etag, bool with_children) {
  ASSIGN_OR_RETURN(Current current, ReadCurrent(context, id));
  if (current.row.deleted()) return NotFound(context.resource->type, id);
  Preparation result;
  result.record = RecordOf(context, id, catalog::WriteKind::kDelete, &current);
  result.record.with_children = with_children;
  RETURN_IF_ERROR(UseEtag(context, id, etag, &result.record));
  RETURN_IF_ERROR(CheckStates(context.resource->type, current.message, nullptr, context.now,
                              context.prefix, context.reader, &result.guards));
  KeepMessage(current, &result.record);
  return result;
}

absl::StatusOr<Preparation> PrepareUndelete(const PrepareContext& context, std::string_view id,
                                            std::string_view etag) {
  ASSIGN_OR_RETURN(Current current, ReadCurrent(context, id));
  if (!current.row.deleted()) {
    std::string name = model::FormatName(context.resource->type, id);
    return model::ResourceError(model::Reason::kResourceExists, context.resource->plural, name,
                                StrCat(name, " is not deleted"), {{"name", name}});
  }
  Preparation result;
  result.record = RecordOf(context, id, catalog::WriteKind::kUndelete, &current);
  RETURN_IF_ERROR(UseEtag(context, id, etag, &result.record));
  RETURN_IF_ERROR(CheckStates(context.resource->type, nullptr, current.message, context.now,
                              context.prefix, context.reader, &result.guards));
  KeepMessage(current, &result.record);
  return result;
}

absl::StatusOr<Preparation> PreparePurge(const PrepareContext& context, std::string_view id,
                                         std::string_view etag) {
  // The committer looks at its state.
  ASSIGN_OR_RETURN(catalog::RowRef row, context.reader->Find(context.resource->type, id));
  Preparation result;
  result.record = RecordOf(context, id, catalog::WriteKind::kPurge, nullptr);
  result.record.base_revision = row.revision();
  RETURN_IF_ERROR(UseEtag(context, id, etag, &result.record));
  return result;
}

absl::StatusOr<Preparation> PrepareReplacement(const PrepareContext& context, std::string_view id,
                                               store::Revision base_revision,
                                               std::unique_ptr<Message> changed,
                                               std::string_view etag) {
  Preparation result;
  catalog::PreparedRecord& record = result.record;
  record.type = context.resource->type;
  record.id = std::string(id);
  record.kind = catalog::WriteKind::kUpdate;
  record.base_revision = base_revision;
  record.create_time_ns = CreateTimeNs(*changed);
  RETURN_IF_ERROR(UseEtag(context, id, etag, &record));
  model::ClearTail(changed.get());
  record.body = model::SerializeCanonical(*changed);
  record.message = std::move(changed);
  return result;
}

absl::StatusOr<Preparation> PrepareCorrection(const PrepareContext& context, std::string_view id,
                                              store::Revision base_revision, const Message& before,
                                              std::unique_ptr<Message> changed,
                                              std::string_view etag) {
  Preparation noted;
  model::ClearTail(changed.get());
  RETURN_IF_ERROR(NoteCorrections(context, before, changed.get(), &noted));
  int64_t created_ns = CreateTimeNs(before);
  ASSIGN_OR_RETURN(Preparation result,
                   PrepareReplacement(context, id, base_revision, std::move(changed), etag));
  result.record.create_time_ns = created_ns;
  result.companions = std::move(noted.companions);
  return result;
}

}  // namespace tandem::service
