// SPDX-License-Identifier: Apache-2.0

#include "service/field_statements.h"

#include <tuple>
#include <utility>

#include "model/error.h"
#include "model/resource_name.h"
#include "model/statement_source.h"
#include "model/status_macros.h"
#include "tandem/v1/source.pb.h"

namespace tandem::service {
namespace {

using model::RecordType;

// Strengths, far enough apart for the kinds that may come between.
constexpr int kDecided = 100;
constexpr int kCorrected = 90;
constexpr int kNobody = 0;

int StrengthOfKind(v1::SourceKind kind) {
  switch (kind) {
    case v1::SOURCE_KIND_REGISTRY:
      return 40;
    case v1::SOURCE_KIND_ASSESSMENT_BODY:
      return 30;
    case v1::SOURCE_KIND_ASSOCIATION:
      return 20;
    case v1::SOURCE_KIND_SELF:
      return 10;
    default:
      return kNobody;
  }
}

// A last day that is over; an empty one never is.
bool IsOver(std::string_view last_day, std::string_view today) {
  return !last_day.empty() && last_day < today;
}

std::pair<int64_t, int32_t> SaidAt(const FieldStatement& statement) {
  const auto& time = statement.provenance.stated_time();
  return {time.seconds(), time.nanos()};
}

// The stored conflict of a source, null when there is none.
absl::StatusOr<const v1::FieldConflict*> ReadConflict(DirectoryReader* reader,
                                                      const v1::Agency& agency,
                                                      const model::FieldGroup& group,
                                                      std::string_view source) {
  const std::string id = model::FieldConflictId(agency.name(), group.id, source);
  std::optional<catalog::RowRef> row = reader->view().Find(RecordType::kFieldConflict, id);
  if (!row || row->deleted()) return nullptr;
  return reader->ReadAs<v1::FieldConflict>(RecordType::kFieldConflict, id);
}

}  // namespace

std::string DayOf(absl::Time now) { return absl::FormatTime("%Y-%m-%d", now, absl::UTCTimeZone()); }

absl::StatusOr<int> StrengthOf(DirectoryReader* reader, const v1::Provenance& provenance,
                               std::string_view today) {
  if (provenance.resolved() && !IsOver(provenance.resolved_until_date(), today)) return kDecided;
  if (provenance.source() == model::kManualSource) {
    return IsOver(provenance.lapse_date(), today) ? kNobody : kCorrected;
  }
  if (!model::IsSourceName(provenance.source())) return kNobody;
  absl::StatusOr<std::string> id = model::ParseNameOf(RecordType::kSource, provenance.source());
  if (!id.ok()) return kNobody;
  std::optional<catalog::RowRef> row = reader->view().Find(RecordType::kSource, *id);
  if (!row) return kNobody;
  ASSIGN_OR_RETURN(const v1::Source* source, reader->ReadAs<v1::Source>(RecordType::kSource, *id));
  return StrengthOfKind(source->kind());
}

bool HasLapsedDecision(const v1::Agency& agency, const model::FieldGroup& group,
                       std::string_view today) {
  for (const v1::Provenance& entry : agency.provenance()) {
    if (entry.field_path() != group.id) continue;
    if (entry.resolved() && IsOver(entry.resolved_until_date(), today)) return true;
    if (entry.source() == model::kManualSource && IsOver(entry.lapse_date(), today)) return true;
  }
  return false;
}

absl::StatusOr<FieldStatements> FieldStatements::Read(DirectoryReader* reader, absl::Time now,
                                                      const v1::Agency& agency,
                                                      const model::FieldGroup& group,
                                                      std::string_view speaker) {
  const std::string today = DayOf(now);
  FieldStatements result;
  v1::Agency held;
  model::SetGroup(agency, group, &held);
  for (const v1::Provenance& entry : agency.provenance()) {
    if (entry.field_path() != group.id || !model::MakesStatements(entry.source())) continue;
    FieldStatement* statement = result.FindOrAdd(entry.source());
    statement->value = held;
    statement->provenance = entry;
    statement->holds = true;
  }
  if (result.statements_.empty() && model::SpeaksAbout(agency, group)) {
    FieldStatement* statement = result.FindOrAdd(model::kUnattributedSource);
    statement->value = held;
    statement->holds = true;
  }
  // Everybody who may have said something else.
  std::vector<std::string> speakers = {std::string(model::kManualSource),
                                       std::string(model::kUnattributedSource)};
  for (const v1::SourceId& known : agency.source_ids()) speakers.push_back(known.source());
  if (!speaker.empty()) speakers.emplace_back(speaker);
  for (const std::string& each : speakers) {
    ASSIGN_OR_RETURN(const v1::FieldConflict* conflict, ReadConflict(reader, agency, group, each));
    if (conflict == nullptr) continue;
    if (FieldStatement* holder = result.Find(each)) {
      holder->conflict = conflict;
      continue;
    }
    FieldStatement* statement = result.FindOrAdd(each);
    statement->value = conflict->value();
    statement->provenance = conflict->provenance();
    statement->conflict = conflict;
  }
  for (FieldStatement& statement : result.statements_) {
    v1::Provenance& entry = statement.provenance;
    entry.set_field_path(std::string(group.id));
    entry.set_source(statement.source);
    ASSIGN_OR_RETURN(statement.strength, StrengthOf(reader, entry, today));
    if (statement.strength != kDecided) {
      entry.clear_resolved();
      entry.clear_resolved_until_date();
    }
  }
  return result;
}

FieldStatement* FieldStatements::Find(std::string_view source) {
  for (FieldStatement& statement : statements_) {
    if (statement.source == source) return &statement;
  }
  return nullptr;
}

FieldStatement* FieldStatements::FindOrAdd(std::string_view source) {
  if (FieldStatement* found = Find(source)) return found;
  FieldStatement& added = statements_.emplace_back();
  added.source = std::string(source);
  return &added;
}

const FieldStatement* FieldStatements::Winner() const {
  const FieldStatement* best = nullptr;
  auto rank = [](const FieldStatement& s) { return std::tuple(s.strength, SaidAt(s), s.holds); };
  for (const FieldStatement& statement : statements_) {
    if (best == nullptr || rank(statement) > rank(*best) ||
        (rank(statement) == rank(*best) && statement.source < best->source)) {
      best = &statement;
    }
  }
  return best;
}

}  // namespace tandem::service
