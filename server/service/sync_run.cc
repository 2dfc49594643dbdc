// SPDX-License-Identifier: Apache-2.0

#include "service/sync_run.h"

#include <utility>

#include "catalog/text_hash.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/excerpt.h"
#include "model/field_groups.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/statement_source.h"
#include "model/status_macros.h"
#include "service/field_ownership.h"
#include "service/sync_match.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::service {
namespace {

using catalog::ImportOutcome;
using model::Reason;
using model::RecordType;

// Most rows of one sync: 8 bytes of each are kept in memory.
constexpr size_t kMaxSyncRows = size_t{1} << 24U;
constexpr size_t kMaxSourceIdLength = 200;

uint64_t HashSourceId(std::string_view id) { return catalog::TextHash()(id); }

// Checks the row by itself, as far as its values go: that something required is missing is judged
// in the record it goes into. Texts become normal form.
absl::Status CheckRow(v1::Agency* row, std::string_view id) {
  const bool untitled = row->display_name().empty();
  row->set_name(model::FormatName(RecordType::kAgency, id));
  if (untitled) row->set_display_name("-");
  row->clear_source_ids();
  std::vector<model::FieldViolation> violations;
  model::CheckRecord(RecordType::kAgency, row, "", &violations);
  if (untitled) row->clear_display_name();
  return violations.empty() ? absl::OkStatus() : model::FieldsInvalid(violations);
}

// The entry of the source; a new one when it did not know the agency.
v1::SourceId* EntryOf(std::string_view source, v1::Agency* agency) {
  for (v1::SourceId& known : *agency->mutable_source_ids()) {
    if (known.source() == source) return &known;
  }
  v1::SourceId* added = agency->add_source_ids();
  added->set_source(std::string(source));
  return added;
}

// Checks the agency as it would be stored and makes it ready to commit.
absl::Status Finish(std::unique_ptr<v1::Agency> agency, catalog::PreparedRecord* record) {
  std::vector<model::FieldViolation> violations;
  model::CheckRecord(RecordType::kAgency, agency.get(), "", &violations);
  if (!violations.empty()) return model::FieldsInvalid(violations);
  record->body = model::SerializeCanonical(*agency);
  record->message = std::move(agency);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SyncRun>> SyncRun::Start(const model::ResourceTraits& resource,
                                                        const v1::ImportOptions& options,
                                                        const Directory& directory) {
  if (model::FieldGroupsOf(resource.type).empty()) {
    return model::FieldsInvalid(
        {{"options.sync", StrCat("is for agencies; no source speaks about ", resource.plural)}});
  }
  if (options.on_conflict() != v1::IMPORT_CONFLICT_RULE_UNSPECIFIED) {
    return model::FieldsInvalid(
        {{"options.on_conflict", "goes without sync: the order of strength decides"}});
  }
  ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(RecordType::kSource, options.sync().source(),
                                                      "options.sync.source"));
  std::optional<catalog::RowRef> row = directory.catalog->view()->Find(RecordType::kSource, id);
  if (!row || row->deleted()) return NotFound(RecordType::kSource, id);
  return std::unique_ptr<SyncRun>(new SyncRun(options.sync(), std::move(id)));
}

absl::Status SyncRun::Note(ImportRecord* record) {
  ++row_count_;
  if (seen_.size() >= kMaxSyncRows) {
    return model::MakeError(Reason::kLimitExceeded,
                            StrCat("a sync has at most ", kMaxSyncRows, " records"),
                            {{"limit", "sync_records"}, {"max", StrCat(kMaxSyncRows)}});
  }
  const auto& row = static_cast<const v1::Agency&>(*record->row);
  record->source_id = SourceIdOf(row, source());
  if (record->source_id.empty() || record->source_id.size() > kMaxSourceIdLength) {
    ++unidentified_count_;
    record->status = model::FieldsInvalid(
        {{record->source_id.empty() ? "name" : "source_ids",
          StrCat("the record needs a name or an entry of source_ids for ", source(),
                 " with an id of at most ", kMaxSourceIdLength, " bytes")}});
    return absl::OkStatus();
  }
  if (!seen_.insert(HashSourceId(record->source_id)).second) {
    record->status = model::ResourceError(
        Reason::kResourceExists, model::CollectionOf(RecordType::kAgency), record->source_id,
        StrCat(source(), " gave \"", model::Excerpt(record->source_id, 80),
               "\" earlier in this sync"),
        {{"sourceId", model::Excerpt(record->source_id, 80)}});
  }
  return absl::OkStatus();
}

bool SyncRun::HasSeen(std::string_view source_id) const {
  return seen_.contains(HashSourceId(source_id));
}

absl::StatusOr<const v1::Source*> SyncRun::ReadSource(DirectoryReader* reader) const {
  return reader->ReadAs<v1::Source>(RecordType::kSource, source_record_id_);
}

ResolvedRecord SyncRun::Resolve(const ImportRecord& record, absl::Time now,
                                DirectoryReader* reader) const {
  absl::StatusOr<ResolvedRecord> resolved =
      record.status.ok() ? TryResolve(record, now, reader) : record.status;
  if (resolved.ok()) return *std::move(resolved);
  ResolvedRecord refused;
  refused.outcome = ImportOutcome::kFailed;
  refused.status = resolved.status();
  return refused;
}

absl::StatusOr<ResolvedRecord> SyncRun::TryResolve(const ImportRecord& record, absl::Time now,
                                                   DirectoryReader* reader) const {
  ASSIGN_OR_RETURN(catalog::RowRef source_row,
                   reader->Find(RecordType::kSource, source_record_id_));
  ASSIGN_OR_RETURN(const v1::Source* terms, ReadSource(reader));
  ResolvedRecord resolved;
  resolved.guards.push_back({RecordType::kSource, source_record_id_, source_row.revision()});

  v1::Agency row = static_cast<const v1::Agency&>(*record.row);
  ASSIGN_OR_RETURN(std::string new_id, IdOfNew(row, source(), record.source_id));
  const std::string named = row.name();
  if (terms->kind() == v1::SOURCE_KIND_REGISTRY) {
    resolved.warnings = model::KeepRegistryIdentifiers(&row);
  }
  RETURN_IF_ERROR(CheckRow(&row, new_id));
  row.set_name(named);
  ASSIGN_OR_RETURN(std::optional<catalog::RowRef> meant,
                   FindMeant(reader->view(), row, source(), record.source_id));
  const std::string id = meant ? std::string(meant->id()) : new_id;
  // Rows of one batch that may mean one record see each other's work: the later waits.
  resolved.keys = {id, StrCat("s ", record.source_id)};
  for (const v1::Identifier& identifier : row.identifiers()) {
    resolved.keys.push_back(StrCat("i ", identifier.scheme(), " ", identifier.value()));
  }
  if (meant && meant->deleted()) {
    resolved.outcome = ImportOutcome::kSkipped;
    return resolved;
  }

  auto agency = std::make_unique<v1::Agency>();
  v1::Agency before;
  catalog::PreparedRecord prepared;
  prepared.type = RecordType::kAgency;
  prepared.id = id;
  if (meant) {
    const std::string known_as = KnownAs(*meant, source());
    if (!known_as.empty() && known_as != record.source_id && HasSeen(known_as)) {
      // The source has it twice. Where a merge told the directory that it is one, all is well.
      resolved.outcome = ImportOutcome::kSkipped;
      if (FindBySourceId(reader->view(), source(), record.source_id)) return resolved;
      const std::string name = model::FormatName(RecordType::kAgency, id);
      return model::ResourceError(
          Reason::kResourceExists, model::CollectionOf(RecordType::kAgency), name,
          StrCat(source(), " gave ", name, " as \"", model::Excerpt(known_as, 80),
                 "\" in this sync; \"", model::Excerpt(record.source_id, 80),
                 "\" has its identifier or name"),
          {{"name", name}, {"sourceId", model::Excerpt(record.source_id, 80)}});
    }
    ASSIGN_OR_RETURN(const v1::Agency* stored, reader->ReadAs<v1::Agency>(RecordType::kAgency, id));
    before = *stored;
    model::ClearTail(&before);
    *agency = before;
    prepared.kind = catalog::WriteKind::kUpdate;
    prepared.base_revision = meant->revision();
  } else {
    agency->set_name(model::FormatName(RecordType::kAgency, id));
    agency->set_uid(model::MakeUuid());
    prepared.kind = catalog::WriteKind::kCreate;
    // What the row says of itself as a whole, for people.
    for (const v1::Provenance& entry : row.provenance()) {
      if (entry.field_path() == "*" && !model::MakesStatements(entry.source())) {
        *agency->add_provenance() = entry;
      }
    }
  }
  FieldOwnership ownership(reader, now, agency.get());
  RETURN_IF_ERROR(ownership.State(*terms, row));
  v1::SourceId* entry = EntryOf(source(), agency.get());
  entry->set_id(record.source_id);
  entry->clear_not_seen_since_date();

  RETURN_IF_ERROR(Finish(std::move(agency), &prepared));
  ASSIGN_OR_RETURN(std::vector<catalog::PreparedRecord> conflicts, ownership.TakeConflicts());
  const bool same = meant && prepared.body == model::SerializeCanonical(before);
  if (same && conflicts.empty()) {
    resolved.outcome = ImportOutcome::kUnchanged;
    return resolved;
  }
  if (same) {
    resolved.guards.push_back({RecordType::kAgency, id, prepared.base_revision});
  } else {
    resolved.records.push_back(std::move(prepared));
  }
  for (catalog::PreparedRecord& conflict : conflicts) {
    conflict.with_previous = !resolved.records.empty();
    resolved.records.push_back(std::move(conflict));
  }
  resolved.records.front().counted_as = ownership.lost() ? ImportOutcome::kConflicted
                                        : meant          ? ImportOutcome::kUpdated
                                                         : ImportOutcome::kCreated;
  return resolved;
}

}  // namespace tandem::service
