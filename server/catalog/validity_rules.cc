// SPDX-License-Identifier: Apache-2.0

// What the days of a unit (a region or a category) may be beside those of the units it touches: it
// does not outlast the unit above it, its successors outlast it (so that following them always
// ends), and on one day a code of a list belongs to one unit.

#include <algorithm>

#include "catalog/unit_validity.h"
#include "catalog/write_group.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "tandem/v1/succession.pb.h"

namespace tandem::catalog {
namespace {

using model::Reason;
using model::RecordType;

// Whether one who ends on `to` (empty: never) is still there after `day` (empty: never ends).
bool Outlasts(std::string_view to, std::string_view day) {
  return !day.empty() && (to.empty() || to > day);
}

std::string EndText(std::string_view to) {
  return to.empty() ? std::string("has no last day") : StrCat("ends on ", to);
}

// A rule that is broken, at `path` of the written record and because of `unit`.
struct Conflict {
  std::string path;
  std::string unit;
  std::string text;
};

}  // namespace

// Collects the conflicts of one staged unit.
class WriteGroup::ValidityCheck {
 public:
  ValidityCheck(const WriteGroup& group, const StagedVersion& staged, const UnitFields& fields)
      : group_(group),
        staged_(staged),
        fields_(fields),
        own_{{}, &staged},
        name_(StrCat(NamePrefix(staged.change.type), staged.change.id)),
        to_(Text(own_, *fields.valid_to)) {}

  void CheckAbove(const IndexedField& parent) {
    const std::string_view above = Text(own_, parent);
    if (above.empty()) return;
    const std::optional<CurrentVersion> unit = Find(above);
    if (!unit) return;
    const std::string_view end = Text(*unit, *fields_.valid_to);
    if (!Outlasts(to_, end)) return;
    Add(parent.path, above,
        StrCat(above, " ends on ", end, ", but ", name_, " ", EndText(to_),
               "; end it too or put it elsewhere first"));
  }

  void CheckBelow(const IndexedField& parent) {
    for (const std::string& child : group_.Referring(parent, staged_.change.type, name_)) {
      const std::optional<CurrentVersion> unit = Find(child);
      if (!unit || unit->deleted() || !Outlasts(Text(*unit, *fields_.valid_to), to_)) continue;
      Add(fields_.valid_to->path, child,
          StrCat(child, " lies below ", name_, " and ", EndText(Text(*unit, *fields_.valid_to)),
                 ", after ", to_, "; end it or put it elsewhere first"));
    }
  }

  void CheckSuccessors() {
    const std::vector<std::string_view> successors = own_.Texts(*fields_.successor);
    for (uint32_t i = 0; i < successors.size(); ++i) {
      const std::optional<CurrentVersion> unit = Find(successors[i]);
      if (!unit) continue;
      CheckPair(name_, own_, i, successors[i], *unit,
                StrCat("successors[", i, "].", LastPart(fields_.successor->path)), successors[i]);
    }
  }

  // Those that this unit took over from.
  void CheckPredecessors() {
    for (const std::string& before :
         group_.Referring(*fields_.successor, staged_.change.type, name_)) {
      const std::optional<CurrentVersion> unit = Find(before);
      if (!unit || unit->deleted()) continue;
      const std::vector<std::string_view> successors = unit->Texts(*fields_.successor);
      for (uint32_t i = 0; i < successors.size(); ++i) {
        if (successors[i] != name_) continue;
        CheckPair(before, *unit, i, name_, own_, fields_.valid_to->path, before);
      }
    }
  }

  absl::Status Result() const {
    if (conflicts_.empty()) return absl::OkStatus();
    std::vector<std::string> units;
    for (const Conflict& conflict : conflicts_) units.push_back(conflict.unit);
    const Conflict& first = conflicts_.front();
    return model::PreconditionError(
        Reason::kValidityConflict,
        StrCat(first.path, ": ", first.text,
               conflicts_.size() > 1 ? StrCat(" (and ", conflicts_.size() - 1, " more)") : ""),
        "UNIT_VALIDITY", units, {{"field", first.path}, {"name", name_}, {"unit", first.unit}});
  }

 private:
  static std::string_view LastPart(std::string_view path) {
    return path.substr(path.rfind('.') + 1);
  }

  static std::string_view Text(const CurrentVersion& unit, const IndexedField& field) {
    const std::vector<std::string_view> texts = unit.Texts(field);
    return texts.empty() ? std::string_view() : texts.front();
  }

  std::optional<CurrentVersion> Find(std::string_view name) const {
    const std::optional<RecordKey> key = ParseRecordName(name);
    return key ? group_.Find(key->type, key->id) : std::nullopt;
  }

  // Whether `next`, number `i` of the successors of `unit`, may take over from it.
  void CheckPair(std::string_view name, const CurrentVersion& unit, uint32_t i,
                 std::string_view next_name, const CurrentVersion& next, std::string path,
                 std::string_view blamed) {
    const std::string_view end = Text(unit, *fields_.valid_to);
    const std::string_view next_end = Text(next, *fields_.valid_to);
    if (end.empty()) return;
    if (!next_end.empty() && next_end <= end) {
      Add(std::move(path), blamed,
          StrCat(next_name, " ends on ", next_end, " and can't take over from ", name,
                 ", which ends on ", end));
      return;
    }
    const std::string_view next_start = Text(next, *fields_.valid_from);
    if (unit.Integer(*fields_.kind, i) == v1::SUCCESSION_KIND_RENAME && !next_start.empty() &&
        next_start <= end) {
      Add(std::move(path), blamed,
          StrCat(next_name, " starts on ", next_start, ", but is ", name,
                 " under another name, which ends on ", end));
    }
  }

  void Add(std::string_view path, std::string_view unit, std::string text) {
    conflicts_.push_back({std::string(path), std::string(unit), std::move(text)});
  }

  const WriteGroup& group_;
  const StagedVersion& staged_;
  const UnitFields& fields_;
  const CurrentVersion own_;
  const std::string name_;
  const std::string_view to_;
  std::vector<Conflict> conflicts_;
};

absl::Status WriteGroup::CheckValidity(const StagedVersion& staged) const {
  const UnitFields* fields = UnitFields::Of(staged.change.type);
  if (fields == nullptr) return absl::OkStatus();
  const IndexedField& parent = *FieldTable::Of(staged.change.type).parent();
  ValidityCheck check(*this, staged, *fields);
  check.CheckAbove(parent);
  check.CheckSuccessors();
  // Nothing refers to a record that is new.
  if (staged.previous != 0) {
    check.CheckBelow(parent);
    check.CheckPredecessors();
  }
  return check.Result();
}

absl::Status WriteGroup::CheckCode(const StagedVersion& staged) const {
  const std::optional<std::string> claim = StagedVersions::CodeClaim(staged);
  if (!claim) return absl::OkStatus();
  const RecordType type = staged.change.type;
  const UnitFields& fields = *UnitFields::Of(type);
  const CurrentVersion own{{}, &staged};
  auto text = [](const CurrentVersion& unit, const IndexedField& field) {
    const std::vector<std::string_view> texts = unit.Texts(field);
    return texts.empty() ? std::string_view() : texts.front();
  };
  const std::string_view from = text(own, *fields.valid_from), to = text(own, *fields.valid_to);
  const std::string_view list = text(own, *fields.code_list), code = text(own, *fields.code);
  auto overlaps = [&](const CurrentVersion& other) {
    const std::string_view other_to = text(other, *fields.valid_to);
    return text(other, *fields.code_list) == list && text(other, *fields.code) == code &&
           (to.empty() || text(other, *fields.valid_from) <= to) &&
           (other_to.empty() || from <= other_to);
  };
  const std::string name = StrCat(NamePrefix(type), staged.change.id);
  std::vector<std::string> holders = Referring(*fields.code, type, code);
  for (const StagedVersion* other : staged_.Claiming(*claim)) holders.push_back(other->name());
  for (const std::string& holder : holders) {
    const std::optional<RecordKey> key = ParseRecordName(holder);
    const std::optional<CurrentVersion> unit = Find(key->type, key->id);
    if (holder == name || !unit || unit->deleted() || !overlaps(*unit)) continue;
    return model::ResourceError(
        Reason::kIdentifierTaken, model::CollectionOf(type), holder,
        StrCat("the code ", code, " of ", list, " belongs to ", holder, " on the same days"),
        {{"holder", holder}, {"scheme", list}, {"value", code}});
  }
  return absl::OkStatus();
}

}  // namespace tandem::catalog
