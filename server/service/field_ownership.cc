// SPDX-License-Identifier: Apache-2.0

#include "service/field_ownership.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/statement_source.h"
#include "model/status_macros.h"
#include "service/assurance.h"

namespace tandem::service {
namespace {

using model::FieldGroup;
using model::RecordType;
using Entries = google::protobuf::RepeatedPtrField<v1::Provenance>;

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp out;
  const int64_t seconds = absl::ToUnixSeconds(time);
  out.set_seconds(seconds);
  out.set_nanos(
      static_cast<int32_t>((time - absl::FromUnixSeconds(seconds)) / absl::Nanoseconds(1)));
  return out;
}

bool MaySpeakAbout(const v1::Source& source, const FieldGroup& group) {
  return source.field_groups().empty() ||
         std::find(source.field_groups().begin(), source.field_groups().end(), group.id) !=
             source.field_groups().end();
}

// The entry of `source` for the group; null when there is none.
const v1::Provenance* FindEntry(const Entries& entries, std::string_view group,
                                std::string_view source) {
  for (const v1::Provenance& entry : entries) {
    if (entry.field_path() == group && entry.source() == source) return &entry;
  }
  return nullptr;
}

// A statement's entry, as opposed to words for people.
const FieldGroup* GroupOfEntry(const v1::Provenance& entry) {
  return model::MakesStatements(entry.source())
             ? model::FindFieldGroup(RecordType::kAgency, entry.field_path())
             : nullptr;
}

// Words for people first, in their order, then the statements by group; those of one group keep
// theirs. The same statements thus always give the same bytes.
void SortEntries(Entries* entries) {
  std::stable_sort(entries->begin(), entries->end(),
                   [](const v1::Provenance& a, const v1::Provenance& b) {
                     auto place = [](const v1::Provenance& entry) -> size_t {
                       const FieldGroup* group = GroupOfEntry(entry);
                       return group == nullptr ? 0 : group->index + 1;
                     };
                     return place(a) < place(b);
                   });
}

void EndDecisions(DirectoryReader* reader, std::string_view today, FieldStatements* statements) {
  for (FieldStatement& statement : statements->all()) {
    if (!statement.provenance.resolved()) continue;
    statement.provenance.clear_resolved();
    statement.provenance.clear_resolved_until_date();
    absl::StatusOr<int> strength = StrengthOf(reader, statement.provenance, today);
    statement.strength = strength.value_or(0);
  }
}

}  // namespace

FieldOwnership::FieldOwnership(DirectoryReader* reader, absl::Time now, v1::Agency* agency)
    : reader_(reader), now_(now), today_(DayOf(now)), agency_(agency) {}

absl::Status FieldOwnership::State(const v1::Source& source, const v1::Agency& row) {
  for (const FieldGroup& group : model::FieldGroupsOf(RecordType::kAgency)) {
    if (MaySpeakAbout(source, group) && model::SpeaksAbout(row, group)) {
      RETURN_IF_ERROR(StateGroup(source, row, group));
    } else if (HasLapsedDecision(*agency_, group, today_)) {
      ASSIGN_OR_RETURN(FieldStatements statements,
                       FieldStatements::Read(reader_, now_, *agency_, group, ""));
      RETURN_IF_ERROR(Apply(group, statements, *statements.Winner()));
    }
  }
  return absl::OkStatus();
}

absl::Status FieldOwnership::StateGroup(const v1::Source& source, const v1::Agency& row,
                                        const FieldGroup& group) {
  // Most rows say what they said the night before.
  const v1::Provenance* entry = FindEntry(agency_->provenance(), group.id, source.name());
  if (entry != nullptr && !IsAssuranceDue(source, row, group, today_, *entry) &&
      model::SameInGroup(row, *agency_, group) && !HasLapsedDecision(*agency_, group, today_)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(FieldStatements statements,
                   FieldStatements::Read(reader_, now_, *agency_, group, source.name()));
  FieldStatement* said = statements.Find(source.name());
  const bool is_new = said == nullptr || !model::SameInGroup(said->value, row, group);
  if (said == nullptr) said = statements.FindOrAdd(source.name());
  v1::Provenance& provenance = said->provenance;
  if (is_new) {
    said->holds = false;
    said->value.Clear();
    model::SetGroup(row, group, &said->value);
    *provenance.mutable_stated_time() = ToTimestamp(now_);
  }
  if (is_new || (said->holds && IsAssuranceDue(source, row, group, today_, provenance))) {
    SetAssurance(source, row, group, today_, &provenance);
  }
  ASSIGN_OR_RETURN(said->strength, StrengthOf(reader_, provenance, today_));
  const FieldStatement* winner = statements.Winner();
  lost_ = lost_ || (is_new && !model::SameInGroup(said->value, winner->value, group));
  return Apply(group, statements, *winner);
}

absl::Status FieldOwnership::Correct(const v1::Agency& before) {
  for (const FieldGroup& group : model::FieldGroupsOf(RecordType::kAgency)) {
    if (model::SameInGroup(before, *agency_, group)) continue;
    // What was said so far, with what the person says of their own correction.
    v1::Agency base = before;
    *base.mutable_provenance() = agency_->provenance();
    ASSIGN_OR_RETURN(FieldStatements statements,
                     FieldStatements::Read(reader_, now_, base, group, ""));
    // Nobody stood for it, so nobody's word is lost.
    std::erase_if(statements.all(), [](const FieldStatement& statement) {
      return statement.source == model::kUnattributedSource && statement.conflict == nullptr;
    });
    EndDecisions(reader_, today_, &statements);
    FieldStatement* manual = statements.FindOrAdd(model::kManualSource);
    manual->value.Clear();
    model::SetGroup(*agency_, group, &manual->value);
    // What the person says of this correction, nothing of an earlier one.
    const v1::Provenance* given = FindEntry(agency_->provenance(), group.id, model::kManualSource);
    v1::Provenance& provenance = manual->provenance;
    provenance = given == nullptr ? v1::Provenance() : *given;
    provenance.clear_resolved();
    provenance.clear_resolved_until_date();
    provenance.set_field_path(std::string(group.id));
    provenance.set_source(std::string(model::kManualSource));
    *provenance.mutable_stated_time() = ToTimestamp(now_);
    // A correction made today does not lapse before it begins.
    if (provenance.lapse_date() < today_) provenance.clear_lapse_date();
    ASSIGN_OR_RETURN(manual->strength, StrengthOf(reader_, provenance, today_));
    RETURN_IF_ERROR(Apply(group, statements, *manual));
  }
  return absl::OkStatus();
}

absl::Status FieldOwnership::Resolve(const FieldGroup& group, std::string_view source,
                                     std::string_view expiry_date) {
  ASSIGN_OR_RETURN(FieldStatements statements,
                   FieldStatements::Read(reader_, now_, *agency_, group, source));
  FieldStatement* chosen = statements.Find(source);
  if (chosen == nullptr) {
    std::string said;
    for (const FieldStatement& statement : statements.all()) {
      said += StrCat(said.empty() ? "" : ", ", statement.source);
    }
    return model::PreconditionError(model::Reason::kStateWrong,
                                    StrCat(source, " has said nothing about ", group.id, " of ",
                                           agency_->name(), "; those who have are ", said),
                                    "FIELD_STATEMENT", {agency_->name()},
                                    {{"source", source}, {"fieldGroup", group.id}});
  }
  EndDecisions(reader_, today_, &statements);
  // What nobody vouched for is now a person's word.
  if (source == model::kUnattributedSource) {
    const v1::Agency value = chosen->value;
    chosen = statements.FindOrAdd(model::kManualSource);
    chosen->value = value;
    chosen->provenance.set_field_path(std::string(group.id));
    chosen->provenance.set_source(std::string(model::kManualSource));
    *chosen->provenance.mutable_stated_time() = ToTimestamp(now_);
  }
  chosen->provenance.set_resolved(true);
  chosen->provenance.set_resolved_until_date(std::string(expiry_date));
  ASSIGN_OR_RETURN(chosen->strength, StrengthOf(reader_, chosen->provenance, today_));
  return Apply(group, statements, *chosen);
}

absl::Status FieldOwnership::Apply(const FieldGroup& group, const FieldStatements& statements,
                                   const FieldStatement& winner) {
  if (!model::SameInGroup(winner.value, *agency_, group)) {
    model::SetGroup(winner.value, group, agency_);
  }
  WriteProvenance(group, statements, winner);
  for (const FieldStatement& statement : statements.all()) {
    KeepConflict(group, statement, !model::SameInGroup(statement.value, winner.value, group),
                 winner);
  }
  return absl::OkStatus();
}

void FieldOwnership::WriteProvenance(const FieldGroup& group, const FieldStatements& statements,
                                     const FieldStatement& winner) {
  std::vector<const FieldStatement*> holders;
  for (const FieldStatement& statement : statements.all()) {
    if (statement.source == model::kUnattributedSource) continue;
    if (model::SameInGroup(statement.value, winner.value, group)) holders.push_back(&statement);
  }
  std::sort(holders.begin(), holders.end(), [&](const FieldStatement* a, const FieldStatement* b) {
    auto rank = [&](const FieldStatement* s) {
      return std::tuple(s != &winner, -s->strength, -s->provenance.stated_time().seconds(),
                        std::string_view(s->source));
    };
    return rank(a) < rank(b);
  });
  Entries entries;
  for (const v1::Provenance& entry : agency_->provenance()) {
    const bool same_group =
        model::FieldGroupOfPath(RecordType::kAgency, entry.field_path()) == &group;
    const bool words = GroupOfEntry(entry) == nullptr;
    if (!same_group || (words && holders.empty())) *entries.Add() = entry;
  }
  for (const FieldStatement* holder : holders) *entries.Add() = holder->provenance;
  SortEntries(&entries);
  agency_->mutable_provenance()->Swap(&entries);
}

void FieldOwnership::KeepConflict(const FieldGroup& group, const FieldStatement& statement,
                                  bool lost, const FieldStatement& winner) {
  if (!lost && statement.conflict == nullptr) return;
  v1::FieldConflict conflict;
  if (statement.conflict != nullptr) {
    conflict = *statement.conflict;
    model::ClearTail(&conflict);
  } else {
    conflict.set_name(
        model::FormatName(RecordType::kFieldConflict,
                          model::FieldConflictId(agency_->name(), group.id, statement.source)));
    conflict.set_uid(model::MakeUuid());
    conflict.set_display_name(agency_->display_name());
    conflict.set_agency(agency_->name());
    conflict.set_field_group(std::string(group.id));
    conflict.set_source(statement.source);
    *conflict.mutable_first_seen_time() = ToTimestamp(now_);
  }
  const bool decided = winner.provenance.resolved();
  if (lost) {
    *conflict.mutable_value() = statement.value;
    *conflict.mutable_provenance() = statement.provenance;
    conflict.mutable_provenance()->clear_resolved();
    conflict.mutable_provenance()->clear_resolved_until_date();
    if (statement.provenance.has_stated_time()) {
      *conflict.mutable_last_seen_time() = statement.provenance.stated_time();
    }
  }
  conflict.set_state(lost && !decided ? v1::FIELD_CONFLICT_STATE_OPEN
                                      : v1::FIELD_CONFLICT_STATE_RESOLVED);
  if (decided) {
    v1::FieldResolution* resolution = conflict.mutable_resolution();
    const std::string& until = winner.provenance.resolved_until_date();
    if (resolution->source() != winner.source || resolution->expiry_date() != until) {
      *resolution->mutable_resolve_time() = ToTimestamp(now_);
    }
    resolution->set_source(winner.source);
    resolution->set_expiry_date(until);
  } else {
    conflict.clear_resolution();
  }
  if (statement.conflict != nullptr) {
    v1::FieldConflict stored = *statement.conflict;
    model::ClearTail(&stored);
    if (model::SerializeCanonical(stored) == model::SerializeCanonical(conflict)) return;
  }
  conflicts_.push_back(std::move(conflict));
}

absl::StatusOr<std::vector<catalog::PreparedRecord>> FieldOwnership::TakeConflicts() {
  std::vector<catalog::PreparedRecord> records;
  for (v1::FieldConflict& conflict : conflicts_) {
    catalog::PreparedRecord record;
    record.type = RecordType::kFieldConflict;
    ASSIGN_OR_RETURN(record.id, model::ParseNameOf(record.type, conflict.name()));
    std::optional<catalog::RowRef> row = reader_->view().Find(record.type, record.id);
    record.kind = row ? catalog::WriteKind::kUpdate : catalog::WriteKind::kCreate;
    if (row) record.base_revision = row->revision();
    record.body = model::SerializeCanonical(conflict);
    record.message = std::make_shared<v1::FieldConflict>(std::move(conflict));
    records.push_back(std::move(record));
  }
  conflicts_.clear();
  return records;
}

void KeepSourceEntries(const v1::Agency* before, v1::Agency* after) {
  static const v1::Agency* const kNothing = new v1::Agency;
  const Entries& stored = (before == nullptr ? kNothing : before)->provenance();
  if (after->provenance().empty() && stored.empty()) return;
  const bool untouched =
      std::equal(stored.begin(), stored.end(), after->provenance().begin(),
                 after->provenance().end(), [](const v1::Provenance& a, const v1::Provenance& b) {
                   return a.SerializeAsString() == b.SerializeAsString();
                 });
  if (untouched) return;
  Entries entries;
  for (const v1::Provenance& sent : after->provenance()) {
    if (model::IsSourceName(sent.source())) continue;
    v1::Provenance* entry = entries.Add();
    *entry = sent;
    entry->clear_stated_time();
    entry->clear_source_kind();
    entry->clear_resolved();
    entry->clear_resolved_until_date();
    if (sent.source() != model::kManualSource) continue;
    const FieldGroup* group = model::FieldGroupOfPath(RecordType::kAgency, sent.field_path());
    if (group == nullptr) continue;
    entry->set_field_path(std::string(group->id));
    const v1::Provenance* known = FindEntry(stored, group->id, sent.source());
    if (known == nullptr) continue;
    if (known->has_stated_time()) *entry->mutable_stated_time() = known->stated_time();
    entry->set_resolved(known->resolved());
    entry->set_resolved_until_date(known->resolved_until_date());
  }
  for (const v1::Provenance& entry : stored) {
    if (model::IsSourceName(entry.source())) *entries.Add() = entry;
  }
  SortEntries(&entries);
  after->mutable_provenance()->Swap(&entries);
}

}  // namespace tandem::service
