// SPDX-License-Identifier: Apache-2.0

// What a version may say about other records: references, unique claims, the tree.

#include <algorithm>

#include "catalog/write_group.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::catalog {
namespace {

using model::Reason;
using model::RecordType;

}  // namespace

absl::Status WriteGroup::CheckStaged(size_t index) const {
  const StagedVersion& staged = staged_[index];
  if (staged.kind == storage::v1::CHANGE_KIND_PURGED) return CheckStandsForNobody(staged);
  if (staged.kind == storage::v1::CHANGE_KIND_DELETED) return CheckNotInUse(staged);
  RETURN_IF_ERROR(CheckReferences(staged));
  RETURN_IF_ERROR(CheckTree(staged));
  RETURN_IF_ERROR(CheckValidity(staged));
  RETURN_IF_ERROR(CheckCode(staged));
  RETURN_IF_ERROR(CheckClaims(staged));
  RETURN_IF_ERROR(CheckMerge(staged));
  return CheckRoom(index);
}

absl::Status WriteGroup::CheckReferences(const StagedVersion& staged) const {
  const FieldTable& table = FieldTable::Of(staged.change.type);
  const CurrentVersion current{{}, &staged};
  for (const IndexedField& field : table.fields()) {
    if (field.kind != FieldKind::kReference || !field.target) continue;
    for (std::string_view name : current.Texts(field)) {
      if (name.empty() || known_targets_.contains(name)) continue;
      std::optional<RecordKey> key = ParseRecordName(name);
      std::optional<CurrentVersion> target;
      if (key && key->type == *field.target) target = Find(key->type, key->id);
      if (!target || target->deleted()) {
        // A parent is part of the name, not something the record says.
        return model::ResourceError(
            &field == table.child_of() ? Reason::kResourceNotFound : Reason::kReferenceMissing,
            model::CollectionOf(*field.target), name,
            StrCat(NamePrefix(staged.change.type), staged.change.id, ": ", field.path, " names ",
                   name, target ? ", which is deleted" : ", which does not exist"),
            {{"field", field.path}, {"target", name}});
      }
      known_targets_.emplace(name);
    }
  }
  return absl::OkStatus();
}

absl::Status WriteGroup::CheckClaims(const StagedVersion& staged) const {
  const FieldTable& table = FieldTable::Of(staged.change.type);
  const IndexedField* value = table.identifier_value();
  if (value == nullptr) return absl::OkStatus();
  const CurrentVersion current{{}, &staged};
  const std::vector<std::string_view> schemes = current.Texts(*table.identifier_scheme());
  const std::vector<std::string_view> values = current.Texts(*value);
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (staged.change.values.Integer(*table.identifier_verified(), i) == 0) continue;
    std::optional<std::string> holder = FindHolder(staged, schemes[i], values[i]);
    if (!holder) continue;
    return model::ResourceError(
        Reason::kIdentifierTaken, model::CollectionOf(staged.change.type), *holder,
        StrCat("the verified identifier ", schemes[i], " ", values[i], " belongs to ", *holder),
        {{"holder", *holder}, {"scheme", schemes[i]}, {"value", values[i]}});
  }
  return absl::OkStatus();
}

std::optional<std::string> WriteGroup::FindHolder(const StagedVersion& claimant,
                                                  std::string_view scheme,
                                                  std::string_view value) const {
  const RecordType type = claimant.change.type;
  const std::string own_name = StrCat(NamePrefix(type), claimant.change.id);
  for (const StagedVersion* other :
       staged_.Claiming(StagedVersions::IdentifierClaim(scheme, value))) {
    const std::string name = other->name();
    if (name != own_name && CurrentVersion{{}, other}.HasClaim(scheme, value)) return name;
  }
  if (!catalog_.MayBeClaimed(HashClaim(scheme, value))) return std::nullopt;
  // Whoever had it in the view keeps it, unless a write of this group says otherwise. Most updates
  // bring their own claims along, so the record itself is looked at before all others.
  if (std::optional<RowRef> own = view_->Find(type, claimant.change.id)) {
    if (CurrentVersion{*own, nullptr}.HasClaim(scheme, value)) return std::nullopt;
  }
  const FieldId value_field = FieldTable::Of(type).identifier_value()->id;
  for (const SegmentView& part : view_->segments(type)) {
    Roaring rows;
    view_->AddEqual(part, value_field, value, &rows);
    if (rows.isEmpty()) continue;
    const AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      if (!alive.Contains(row) || IsStaged(type, part.segment().id(row))) continue;
      if (CurrentVersion{{&part.segment(), row}, nullptr}.HasClaim(scheme, value)) {
        return StrCat(NamePrefix(type), part.segment().id(row));
      }
    }
  }
  return std::nullopt;
}

std::vector<std::string> WriteGroup::Referring(const IndexedField& field, RecordType type,
                                               std::string_view text) const {
  std::vector<std::string> found;
  for (const SegmentView& part : view_->segments(type)) {
    Roaring rows;
    view_->AddEqual(part, field.id, text, &rows);
    if (rows.isEmpty()) continue;
    const AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      if (!alive.Contains(row) || IsStaged(type, part.segment().id(row))) continue;
      found.push_back(StrCat(NamePrefix(type), part.segment().id(row)));
    }
  }
  for (const StagedVersion* version : staged_.Referring(text)) {
    if (version->change.type != type) continue;
    const std::vector<std::string_view> texts = CurrentVersion{{}, version}.Texts(field);
    if (std::find(texts.begin(), texts.end(), text) != texts.end())
      found.push_back(version->name());
  }
  return found;
}

absl::Status WriteGroup::CheckTree(const StagedVersion& staged) const {
  const IndexedField* parent = FieldTable::Of(staged.change.type).parent();
  if (parent == nullptr || staged.change.values.Size(*parent) == 0) return absl::OkStatus();
  const RecordType type = staged.change.type;
  const std::string name = StrCat(NamePrefix(type), staged.change.id);
  auto refuse = [&](std::string_view why) {
    return model::ResourceError(
        Reason::kTreeCycle, model::CollectionOf(type), name,
        StrCat(name, " can't stand below ", staged.change.values.Text(*parent, 0), ": ", why),
        {{"field", parent->path}});
  };
  int depth = 1;
  std::string above(staged.change.values.Text(*parent, 0));
  while (!above.empty()) {
    if (above == name) return refuse("it would be above itself");
    if (++depth > kMaxTreeDepth) {
      return refuse(StrCat("the tree would be more than ", kMaxTreeDepth, " levels deep"));
    }
    std::optional<RecordKey> key = ParseRecordName(above);
    std::optional<CurrentVersion> record;
    if (key) record = Find(key->type, key->id);
    std::vector<std::string_view> next;
    if (record) next = record->Texts(*parent);
    above = next.empty() ? "" : std::string(next.front());
  }
  // A record that is new has nothing below it; one that moves takes its branch along.
  if (staged.previous == 0) return absl::OkStatus();
  std::vector<std::string> level = {name};
  while (!level.empty()) {
    if (depth > kMaxTreeDepth) {
      return refuse(StrCat("what is below it would be more than ", kMaxTreeDepth, " levels deep"));
    }
    std::vector<std::string> next;
    for (const std::string& each : level) {
      std::vector<std::string> children = Referring(*parent, type, each);
      next.insert(next.end(), children.begin(), children.end());
    }
    level = std::move(next);
    ++depth;
  }
  return absl::OkStatus();
}

}  // namespace tandem::catalog
