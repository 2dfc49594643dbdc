// SPDX-License-Identifier: Apache-2.0

#include "model/absl_strings.h"
#include "model/excerpt.h"
#include "model/pairing_states.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/unique_items.h"

namespace tandem::model {

void CheckPairing(const v1::Pairing& pairing, RuleFindings* findings) {
  CheckDayOrder(pairing.start_date(), pairing.end_date(), "end_date", findings);
  if (!pairing.receiving_agency().empty() && pairing.receiving_agency() == pairing.agency()) {
    findings->Add("receiving_agency", "is the assisting agency itself");
  }
  if (!pairing.match_run().empty() && !IsNameIn("matchRuns", pairing.match_run())) {
    findings->Add("match_run",
                  StrCat("\"", Excerpt(pairing.match_run(), 80), "\" is not matchRuns/{id}"));
  }
  if (pairing.proposed_slots() > 0 && pairing.slots() > pairing.proposed_slots()) {
    findings->Add("slots", StrCat(pairing.slots(), " is more than the ", pairing.proposed_slots(),
                                  " of the proposal"));
  }
  if (!pairing.superseded_by().empty() && pairing.superseded_by() == pairing.name()) {
    findings->Add("superseded_by", "is the pairing itself");
  }
  for (int i = 0; i < pairing.follow_ups_size(); ++i) {
    const int day = pairing.follow_ups(i).day();
    if (!IsFollowUpDay(day)) {
      findings->AddAt("follow_ups", i, "day", StrCat(day, " is none of 30, 90, 180, 365"));
    }
  }
  auto measure = [](const v1::Measure& figure) { return figure.measure(); };
  CheckUnique(pairing.targets(), "targets", "measure", measure, findings);
  CheckUnique(pairing.actuals(), "actuals", "measure", measure, findings);
  CheckUnique(
      pairing.follow_ups(), "follow_ups", "day",
      [](const v1::FollowUp& follow_up) { return StrCat(follow_up.day()); }, findings);
}

}  // namespace tandem::model
