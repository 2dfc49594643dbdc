// SPDX-License-Identifier: Apache-2.0

#include "service/assurance.h"

#include <string>

#include "absl/time/civil_time.h"
#include "model/absl_strings.h"

namespace tandem::service {
namespace {

// What a row says of who checked the group: the entry of the group before one of the whole record.
const v1::Provenance* OwnWord(const v1::Agency& row, const model::FieldGroup& group) {
  const v1::Provenance* whole = nullptr;
  for (const v1::Provenance& entry : row.provenance()) {
    if (entry.field_path() == "*") whole = &entry;
    if (model::FieldGroupOfPath(model::RecordType::kAgency, entry.field_path()) == &group) {
      return &entry;
    }
  }
  return whole;
}

absl::CivilDay DayIn(std::string_view text) {
  absl::CivilDay day;
  absl::ParseCivilTime(ToAbsl(text), &day);
  return day;
}

// The entry as it would be written today.
v1::Provenance Fresh(const v1::Source& source, const v1::Agency& row,
                     const model::FieldGroup& group, std::string_view today) {
  v1::Provenance fresh;
  // What an agency says of itself nobody has checked.
  if (source.kind() != v1::SOURCE_KIND_SELF) fresh.set_assured_by(source.name());
  fresh.set_assured_date(std::string(today));
  if (const v1::Provenance* own = OwnWord(row, group)) {
    if (!own->assured_by().empty()) fresh.set_assured_by(own->assured_by());
    if (!own->assured_date().empty()) fresh.set_assured_date(own->assured_date());
    fresh.set_lapse_date(own->lapse_date());
  }
  if (fresh.lapse_date().empty() && source.assurance_days() > 0) {
    fresh.set_lapse_date(
        absl::FormatCivilTime(DayIn(fresh.assured_date()) + source.assurance_days()));
  }
  return fresh;
}

}  // namespace

bool IsAssuranceDue(const v1::Source& source, const v1::Agency& row, const model::FieldGroup& group,
                    std::string_view today, const v1::Provenance& entry) {
  if (entry.source_kind() != source.kind()) return true;
  const v1::Provenance* own = OwnWord(row, group);
  if (own != nullptr && (!own->assured_date().empty() || !own->lapse_date().empty())) {
    const v1::Provenance fresh = Fresh(source, row, group, today);
    const bool dated = !own->assured_date().empty();
    return fresh.assured_by() != entry.assured_by() || fresh.lapse_date() != entry.lapse_date() ||
           (dated && fresh.assured_date() != entry.assured_date());
  }
  if (source.assurance_days() == 0) return !entry.lapse_date().empty();
  if (entry.lapse_date().empty()) return true;
  return (DayIn(entry.lapse_date()) - DayIn(today)) * 2 < source.assurance_days();
}

void SetAssurance(const v1::Source& source, const v1::Agency& row, const model::FieldGroup& group,
                  std::string_view today, v1::Provenance* entry) {
  const v1::Provenance fresh = Fresh(source, row, group, today);
  entry->set_field_path(std::string(group.id));
  entry->set_source(source.name());
  entry->set_assured_by(fresh.assured_by());
  entry->set_assured_date(fresh.assured_date());
  entry->set_lapse_date(fresh.lapse_date());
  entry->set_source_kind(source.kind());
}

}  // namespace tandem::service
