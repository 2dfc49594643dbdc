// SPDX-License-Identifier: Apache-2.0

#include "match/assurance_lapse.h"

#include "model/field_groups.h"

namespace tandem::match {
namespace {

constexpr std::string_view kStatusGroup = "status";

// Who stands for a group, or for the whole record.
struct Standing {
  bool named = false;
  bool lapsed = true;

  void Add(const v1::Provenance& entry, std::string_view as_of_date) {
    named = true;
    lapsed = lapsed && !entry.lapse_date().empty() && entry.lapse_date() < as_of_date;
  }
};

}  // namespace

int ClearLapsedGroups(std::string_view as_of_date, v1::Agency* agency) {
  bool some_lapsed = false;
  for (const v1::Provenance& entry : agency->provenance()) {
    some_lapsed = some_lapsed || (!entry.lapse_date().empty() && entry.lapse_date() < as_of_date);
  }
  if (!some_lapsed) return 0;
  int cleared = 0;
  for (const model::FieldGroup& group : model::FieldGroupsOf(model::RecordType::kAgency)) {
    Standing own, whole;
    for (const v1::Provenance& entry : agency->provenance()) {
      if (entry.field_path() == "*") whole.Add(entry, as_of_date);
      if (model::FieldGroupOfPath(model::RecordType::kAgency, entry.field_path()) == &group) {
        own.Add(entry, as_of_date);
      }
    }
    const Standing& standing = own.named ? own : whole;
    if (group.id == kStatusGroup || !standing.named || !standing.lapsed) continue;
    if (!model::SpeaksAbout(*agency, group)) continue;
    model::SetGroup(v1::Agency::default_instance(), group, agency);
    ++cleared;
  }
  return cleared;
}

}  // namespace tandem::match
