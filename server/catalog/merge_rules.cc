// SPDX-License-Identifier: Apache-2.0

// What holds while records are merged and deleted: a name that was ever given leads to one record
// in one step, and no record goes that others refer to, under whichever of its names.

#include <algorithm>

#include "catalog/write_group.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"

namespace tandem::catalog {

using model::Reason;
using model::RecordType;

absl::Status WriteGroup::CheckMerge(const StagedVersion& staged) const {
  const RecordType type = staged.change.type;
  const IndexedField* merged_into = FieldTable::Of(type).merged_into();
  if (merged_into == nullptr || staged.change.values.Size(*merged_into) == 0) {
    return absl::OkStatus();
  }
  const std::string name = StrCat(NamePrefix(type), staged.change.id);
  const std::string survivor(staged.change.values.Text(*merged_into, 0));
  if (survivor == name) {
    return model::ResourceError(Reason::kMergeCycle, model::CollectionOf(type), name,
                                StrCat(name, " can't be merged into itself"),
                                {{"name", name}, {"survivor", survivor}});
  }
  // Whoever prepared this saw a survivor that is there and follows nobody, and moved on everybody
  // who had followed this record; when that is not so any more, somebody was faster.
  const std::optional<RecordKey> key = ParseRecordName(survivor);
  std::optional<CurrentVersion> target;
  if (key && key->type == type) target = Find(type, key->id);
  const bool stands = target && !target->deleted() && target->Texts(*merged_into).empty();
  if (!stands || !Referring(*merged_into, type, name).empty()) {
    return model::WithRetryAfter(
        model::ResourceError(
            Reason::kWriteConflict, model::CollectionOf(type), name,
            StrCat("another merge of ", name, " or ", survivor, " came first; send the call again"),
            {{"name", name}, {"survivor", survivor}}),
        kWriteRetryDelay);
  }
  return absl::OkStatus();
}

absl::Status WriteGroup::CheckStandsForNobody(const StagedVersion& staged) const {
  const std::string name = StrCat(NamePrefix(staged.change.type), staged.change.id);
  std::vector<std::string> names = NamesOf(staged.change.type, name);
  if (names.size() == 1) return absl::OkStatus();
  names.erase(names.begin());
  return model::PreconditionError(
      Reason::kResourceInUse,
      StrCat(name, " can't be purged: ", names.size(), " record(s) were merged into it, first ",
             names.front(), ", and their names lead to it"),
      "MERGED", names, {{"merged", StrCat(names.size())}, {"name", name}});
}

std::vector<std::string> WriteGroup::NamesOf(RecordType type, const std::string& name) const {
  std::vector<std::string> names = {name};
  if (const IndexedField* merged_into = FieldTable::Of(type).merged_into()) {
    std::vector<std::string> merged = Referring(*merged_into, type, name);
    names.insert(names.end(), merged.begin(), merged.end());
  }
  return names;
}

absl::Status WriteGroup::CheckNotInUse(const StagedVersion& staged) const {
  const std::string name = StrCat(NamePrefix(staged.change.type), staged.change.id);
  int64_t total = 0;
  std::vector<std::string> referrers;
  const std::vector<std::string> names = NamesOf(staged.change.type, name);
  for (const std::string& each : names) {
    int64_t in_view = 0;
    std::vector<std::string> found = view_->Referrers(
        each, model::kMaxViolations, &in_view,
        [this](RecordType type, std::string_view id) { return IsStaged(type, id); });
    total += in_view;
    for (std::string& referrer : found) {
      if (referrers.size() < model::kMaxViolations) referrers.push_back(std::move(referrer));
    }
    AddStagedReferrers(each, &referrers, &total);
  }
  if (total == 0) return absl::OkStatus();
  const bool has_children =
      std::any_of(referrers.begin(), referrers.end(), [&](const std::string& referrer) {
        return std::find(names.begin(), names.end(), model::ParentNameOf(referrer)) != names.end();
      });
  return model::PreconditionError(
      Reason::kResourceInUse,
      StrCat(name, " is in use: ", total, " record(s) refer to it, first ", referrers.front(),
             has_children ? "; those below it go too when the delete is forced" : ""),
      "REFERRER", referrers, {{"referrers", StrCat(total)}, {"name", name}});
}

void WriteGroup::AddStagedReferrers(const std::string& name, std::vector<std::string>* referrers,
                                    int64_t* total) const {
  for (const StagedVersion* version : staged_.Referring(name)) {
    const StagedVersion& other = *version;
    const std::string referrer = other.name();
    if (referrer == name || other.change.header.delete_time_ns != 0) continue;
    bool refers = false;
    for (const IndexedField& field : FieldTable::Of(other.change.type).fields()) {
      if (field.kind != FieldKind::kReference) continue;
      const std::vector<std::string_view> names = CurrentVersion{{}, &other}.Texts(field);
      refers |= std::find(names.begin(), names.end(), name) != names.end();
    }
    if (!refers) continue;
    ++*total;
    if (referrers->size() < model::kMaxViolations) referrers->push_back(referrer);
  }
}

}  // namespace tandem::catalog
