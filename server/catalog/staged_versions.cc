// SPDX-License-Identifier: Apache-2.0

#include "catalog/staged_versions.h"

#include <algorithm>
#include <utility>

#include "catalog/unit_validity.h"
#include "model/absl_strings.h"

namespace tandem::catalog {

using model::RecordType;

namespace {

// GB/T 2260 codes are ids: no two units can have one.
constexpr std::string_view kGbt2260 = "gbt2260";

}  // namespace

std::string StagedVersion::name() const { return StrCat(NamePrefix(change.type), change.id); }

RowHeader CurrentVersion::header() const {
  return staged != nullptr ? staged->change.header : row.segment->header(row.row);
}

std::vector<std::string_view> CurrentVersion::Texts(const IndexedField& field) const {
  std::vector<std::string_view> texts;
  if (staged != nullptr) {
    const uint32_t size = staged->change.values.Size(field);
    for (uint32_t i = 0; i < size; ++i) texts.push_back(staged->change.values.Text(field, i));
  } else if (field.repeated) {
    const uint32_t size = row.segment->ListSize(field.id, row.row);
    for (uint32_t i = 0; i < size; ++i)
      texts.push_back(row.segment->ListText(field.id, row.row, i));
  } else if (auto text = row.segment->Text(field.id, row.row)) {
    texts.push_back(*text);
  }
  return texts;
}

int64_t CurrentVersion::Integer(const IndexedField& field, uint32_t i) const {
  return staged != nullptr ? staged->change.values.Integer(field, i)
                           : row.segment->ListInteger(field.id, row.row, i);
}

int64_t CurrentVersion::Integer(const IndexedField& field) const {
  if (staged == nullptr) return row.segment->Integer(field.id, row.row).value_or(0);
  const RowBlob& values = staged->change.values;
  return values.Size(field) == 0 ? 0 : values.Integer(field, 0);
}

bool CurrentVersion::HasClaim(std::string_view scheme, std::string_view value) const {
  const FieldTable& table = FieldTable::Of(RecordType::kAgency);
  const IndexedField& flags = *table.identifier_verified();
  const std::vector<std::string_view> schemes = Texts(*table.identifier_scheme());
  const std::vector<std::string_view> values = Texts(*table.identifier_value());
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (values[i] != value || schemes[i] != scheme) continue;
    if (Integer(flags, i) != 0) return true;
  }
  return false;
}

void StagedVersions::Push(StagedVersion version) {
  const size_t index = versions_.size();
  std::string name = version.name();
  versions_.push_back(std::move(version));
  if (!versions_.back().change.purged) NoteClaims(index);
  auto [it, added] = newest_.try_emplace(name, index);
  undo_.push_back({std::move(name), added ? std::nullopt : std::optional<size_t>(it->second)});
  it->second = index;
}

void StagedVersions::UndoTo(size_t count) {
  referring_end_ = std::min(referring_end_, count);
  while (versions_.size() > count) {
    const Undo& undo = undo_.back();
    if (undo.before) {
      newest_[undo.name] = *undo.before;
    } else {
      newest_.erase(undo.name);
    }
    undo_.pop_back();
    versions_.pop_back();
  }
}

const StagedVersion* StagedVersions::Find(RecordType type, std::string_view id) const {
  // Most groups write records that no other write of the group looks at.
  if (newest_.empty()) return nullptr;
  const auto it = newest_.find(StrCat(NamePrefix(type), id));
  return it == newest_.end() ? nullptr : &versions_[it->second];
}

const StagedVersion* StagedVersions::Before(size_t index) const {
  const std::optional<size_t>& before = undo_[index].before;
  return before ? &versions_[*before] : nullptr;
}

std::vector<const StagedVersion*> StagedVersions::Referring(std::string_view name) const {
  NoteReferences();
  return NewestAt(referring_, name);
}

std::vector<const StagedVersion*> StagedVersions::Claiming(std::string_view claim) const {
  return NewestAt(claiming_, claim);
}

std::vector<const StagedVersion*> StagedVersions::NewestAt(const Places& places,
                                                           std::string_view key) const {
  std::vector<const StagedVersion*> found;
  const auto it = places.find(key);
  if (it == places.end()) return found;
  std::vector<size_t> order = it->second;
  std::sort(order.begin(), order.end());
  order.erase(std::unique(order.begin(), order.end()), order.end());
  for (size_t index : order) {
    if (index >= versions_.size()) break;
    if (newest_.find(undo_[index].name)->second == index) found.push_back(&versions_[index]);
  }
  return found;
}

void StagedVersions::NoteClaims(size_t index) {
  const StagedVersion& version = versions_[index];
  const FieldTable& table = FieldTable::Of(version.change.type);
  if (std::optional<std::string> claim = CodeClaim(version)) {
    claiming_[*std::move(claim)].push_back(index);
  }
  const IndexedField* value = table.identifier_value();
  if (value == nullptr) return;
  const CurrentVersion current{{}, &version};
  const auto schemes = current.Texts(*table.identifier_scheme());
  const auto values = current.Texts(*value);
  for (uint32_t i = 0; i < values.size(); ++i) {
    if (current.Integer(*table.identifier_verified(), i) == 0) continue;
    claiming_[IdentifierClaim(schemes[i], values[i])].push_back(index);
  }
}

void StagedVersions::NoteReferences() const {
  for (; referring_end_ < versions_.size(); ++referring_end_) {
    const StagedVersion& version = versions_[referring_end_];
    if (version.change.purged) continue;
    const FieldTable& table = FieldTable::Of(version.change.type);
    for (const IndexedField& field : table.fields()) {
      if (field.kind != FieldKind::kReference && &field != table.merged_into()) continue;
      for (std::string_view target : CurrentVersion{{}, &version}.Texts(field)) {
        if (!target.empty()) referring_[std::string(target)].push_back(referring_end_);
      }
    }
  }
}

std::string StagedVersions::IdentifierClaim(std::string_view scheme, std::string_view value) {
  return MapEntry(scheme, value);
}

std::optional<std::string> StagedVersions::CodeClaim(const StagedVersion& staged) {
  if (staged.change.type != RecordType::kRegion) return std::nullopt;
  const UnitFields& fields = *UnitFields::Of(RecordType::kRegion);
  const RowBlob& values = staged.change.values;
  if (values.Size(*fields.code_list) == 0 || values.Size(*fields.code) == 0) return std::nullopt;
  const std::string_view list = values.Text(*fields.code_list, 0);
  if (list == kGbt2260) return std::nullopt;
  return MapEntry(list, values.Text(*fields.code, 0));
}

}  // namespace tandem::catalog
