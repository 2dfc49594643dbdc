// SPDX-License-Identifier: Apache-2.0

#include "absl/container/flat_hash_set.h"
#include "model/absl_strings.h"
#include "model/record_rules.h"
#include "model/unique_items.h"

namespace tandem::model {

void CheckNeed(const v1::Need& need, RuleFindings* findings) {
  CheckDayOrder(need.start_date(), need.end_date(), "end_date", findings);
  absl::flat_hash_set<std::string> refused(need.refused_agencies().begin(),
                                           need.refused_agencies().end());
  for (int i = 0; i < need.preferences_size(); ++i) {
    if (refused.contains(need.preferences(i))) {
      findings->AddAt("preferences", i, "", StrCat(need.preferences(i), " is refused too"));
    }
    if (need.preferences(i) == need.receiving_agency()) {
      findings->AddAt("preferences", i, "", "is the receiving agency itself");
    }
  }
  CheckUniqueTexts(need.preferences(), "preferences", findings);
  CheckUniqueTexts(need.required_languages(), "required_languages", findings);
}

}  // namespace tandem::model
