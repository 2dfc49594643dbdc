// SPDX-License-Identifier: Apache-2.0

#include "service/import_chunk.h"

#include <limits>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"
#include "service/call.h"
#include "service/record_preparation.h"
#include "service/record_states.h"
#include "service/reference_validity.h"

namespace tandem::service {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using model::Reason;

// Import requests of all resources by field number.
constexpr int kOptionsNumber = 1;
constexpr int kFirstNumberNumber = 2;
constexpr int kRecordsNumber = 3;
constexpr int kSyncEndNumber = 4;
constexpr int kNameNumber = 1;

ImportRecord CheckOne(const model::ResourceTraits& resource, int64_t number, bool keep_unverified,
                      std::unique_ptr<Message> message) {
  ImportRecord record;
  record.number = number;
  std::string name = message->GetReflection()->GetString(
      *message, message->GetDescriptor()->FindFieldByNumber(kNameNumber));
  absl::StatusOr<std::string> id = model::ParseNameOf(resource.type, name);
  if (!id.ok()) {
    record.status = id.status();
    return record;
  }
  if (keep_unverified && resource.type == model::RecordType::kAgency) {
    record.warnings = model::KeepRegistryIdentifiers(static_cast<v1::Agency*>(message.get()));
  }
  absl::StatusOr<catalog::PreparedRecord> prepared =
      PrepareNew(resource, *id, /*prefix=*/"", std::move(message), model::RecordOrigin::kImport);
  if (prepared.ok()) {
    record.prepared = *std::move(prepared);
  } else {
    record.prepared.id = *id;
    record.status = prepared.status();
  }
  return record;
}

absl::Status Exists(const model::ResourceTraits& resource, std::string_view id, bool deleted) {
  std::string name = model::FormatName(resource.type, id);
  return model::ResourceError(
      deleted ? Reason::kResourceDeletedExists : Reason::kResourceExists, resource.plural, name,
      deleted ? StrCat(name, " belongs to a deleted record; undelete it or wait for its purge")
              : StrCat(name, " exists already"),
      {{"name", name}});
}

ResolvedRecord Refuse(absl::Status status) {
  ResolvedRecord resolved;
  resolved.outcome = ImportOutcome::kFailed;
  resolved.status = std::move(status);
  return resolved;
}

}  // namespace

absl::StatusOr<ImportChunk> ReadChunk(const model::ResourceTraits& resource,
                                      const Message& request_prototype,
                                      const grpc::ByteBuffer& bytes, ImportManner* manner) {
  if (bytes.Length() > kMaxRequestBytes) {
    return model::MakeError(Reason::kLimitExceeded,
                            StrCat("the chunk has ", bytes.Length(), " bytes; at most ",
                                   kMaxRequestBytes, " are allowed"),
                            {{"limit", "request"},
                             {"max", StrCat(kMaxRequestBytes)},
                             {"actual", StrCat(bytes.Length())}});
  }
  std::unique_ptr<Message> request(request_prototype.New());
  RETURN_IF_ERROR(ParseMessage(bytes, request.get()));
  const Reflection& reflection = *request->GetReflection();
  const auto& type = *request->GetDescriptor();
  ImportChunk chunk;
  if (const FieldDescriptor* field = type.FindFieldByNumber(kOptionsNumber);
      reflection.HasField(*request, field)) {
    chunk.options = static_cast<const v1::ImportOptions&>(reflection.GetMessage(*request, field));
    *manner = {chunk.options->has_sync(), chunk.options->keep_unverified_identifiers()};
  }
  const FieldDescriptor* end = type.FindFieldByNumber(kSyncEndNumber);
  if (end != nullptr && end->message_type() == v1::SyncEnd::descriptor() &&
      reflection.HasField(*request, end)) {
    chunk.sync_end = static_cast<const v1::SyncEnd&>(reflection.GetMessage(*request, end));
  }
  chunk.first_number = reflection.GetInt64(*request, type.FindFieldByNumber(kFirstNumberNumber));
  const FieldDescriptor* records = type.FindFieldByNumber(kRecordsNumber);
  int size = reflection.FieldSize(*request, records);
  if (size > kMaxChunkRecords) {
    return model::FieldsInvalid(
        {{std::string(resource.plural),
          StrCat("the chunk has ", size, " records; at most ", kMaxChunkRecords, " are allowed")}});
  }
  if (size > 0 && chunk.first_number < 1) {
    return model::FieldsInvalid(
        {{"first_number", "is required with records; the first record of all is 1"}});
  }
  if (chunk.first_number > std::numeric_limits<int64_t>::max() - size) {
    return model::FieldsInvalid({{"first_number", "leaves no numbers for the chunk's records"}});
  }
  chunk.records.reserve(static_cast<size_t>(size));
  for (int i = 0; i < size; ++i) {
    // Moved out of the list, not copied: a swap leaves an empty message behind.
    Message* source = reflection.MutableRepeatedMessage(request.get(), records, i);
    std::unique_ptr<Message> message(source->New());
    source->GetReflection()->Swap(source, message.get());
    if (manner->sync) {
      // Checked with what the directory and the source have to say.
      ImportRecord& record = chunk.records.emplace_back();
      record.number = chunk.first_number + i;
      record.row = std::move(message);
    } else {
      chunk.records.push_back(
          CheckOne(resource, chunk.first_number + i, manner->keep_unverified, std::move(message)));
    }
  }
  return chunk;
}

ResolvedRecord ResolveRecord(const model::ResourceTraits& resource, const ImportRecord& record,
                             v1::ImportConflictRule rule, absl::Time now, DirectoryReader* reader) {
  if (!record.status.ok()) return Refuse(record.status);
  const std::string& id = record.prepared.id;
  std::optional<catalog::RowRef> row = reader->view().Find(resource.type, id);
  ResolvedRecord resolved;
  resolved.keys = {id};
  if (!row) {
    resolved.records.push_back(record.prepared);
    absl::Status days =
        CheckReferenceDays(resource.type, nullptr, *record.prepared.message, now, "", *reader);
    if (!days.ok()) return Refuse(days);
    absl::Status states = CheckStates(resource.type, nullptr, record.prepared.message.get(), now,
                                      "", reader, &resolved.guards);
    return states.ok() ? resolved : Refuse(states);
  }
  if (rule == v1::IMPORT_CONFLICT_RULE_SKIP) {
    resolved.outcome = ImportOutcome::kSkipped;
    return resolved;
  }
  if (row->deleted() || rule != v1::IMPORT_CONFLICT_RULE_REPLACE) {
    return Refuse(Exists(resource, id, row->deleted()));
  }
  google::protobuf::FieldMask everything;
  everything.add_paths(std::string(1, '*'));
  absl::StatusOr<Preparation> update =
      PrepareUpdate({&resource, "", now, reader, model::RecordOrigin::kImport}, id,
                    *record.prepared.message, &everything, "");
  if (!update.ok()) return Refuse(update.status());
  resolved.records.push_back(std::move(update->record));
  for (catalog::PreparedRecord& companion : update->companions) {
    companion.with_previous = true;
    resolved.records.push_back(std::move(companion));
  }
  resolved.guards = std::move(update->guards);
  return resolved;
}

v1::ImportError ErrorOf(int64_t number, const absl::Status& status) {
  v1::ImportError error;
  error.set_number(number);
  std::optional<model::Reason> reason = model::ErrorReason(status);
  error.set_reason(std::string(model::ReasonName(reason.value_or(Reason::kInternal))));
  error.set_message(std::string(status.message()));
  for (const model::FieldViolation& violation : model::FieldViolations(status)) {
    v1::ImportFieldViolation* out = error.add_violations();
    out->set_field(violation.field);
    out->set_description(violation.description);
  }
  return error;
}

void Count(ImportOutcome outcome, v1::ImportCounts* counts) {
  switch (outcome) {
    case ImportOutcome::kCreated:
      return counts->set_created(counts->created() + 1);
    case ImportOutcome::kUpdated:
      return counts->set_updated(counts->updated() + 1);
    case ImportOutcome::kUnchanged:
      return counts->set_unchanged(counts->unchanged() + 1);
    case ImportOutcome::kSkipped:
      return counts->set_skipped(counts->skipped() + 1);
    case ImportOutcome::kFailed:
      return counts->set_failed(counts->failed() + 1);
    case ImportOutcome::kConflicted:
      return counts->set_conflicted(counts->conflicted() + 1);
    case ImportOutcome::kMissing:
      return counts->set_missing(counts->missing() + 1);
  }
}

std::vector<int64_t> ToImportCounts(const v1::ImportCounts& counts) {
  return {counts.created(), counts.updated(),    counts.unchanged(), counts.skipped(),
          counts.failed(),  counts.conflicted(), counts.missing()};
}

v1::ImportCounts FromImportCounts(const google::protobuf::RepeatedField<int64_t>& list) {
  auto count = [&](ImportOutcome outcome) {
    const int index = static_cast<int>(outcome);
    return index < list.size() ? list.Get(index) : 0;
  };
  v1::ImportCounts counts;
  counts.set_created(count(ImportOutcome::kCreated));
  counts.set_updated(count(ImportOutcome::kUpdated));
  counts.set_unchanged(count(ImportOutcome::kUnchanged));
  counts.set_skipped(count(ImportOutcome::kSkipped));
  counts.set_failed(count(ImportOutcome::kFailed));
  counts.set_conflicted(count(ImportOutcome::kConflicted));
  counts.set_missing(count(ImportOutcome::kMissing));
  return counts;
}

}  // namespace tandem::service
