// SPDX-License-Identifier: Apache-2.0

#include "absl/container/flat_hash_set.h"
#include "model/absl_strings.h"
#include "model/excerpt.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/unique_items.h"

namespace tandem::model {

void CheckOffer(const v1::Offer& offer, RuleFindings* findings) {
  CheckDayOrder(offer.start_date(), offer.end_date(), "end_date", findings);
  if (!offer.corridor().empty()) {
    if (!IsResourceId(offer.corridor())) {
      findings->Add("corridor", StrCat("\"", offer.corridor(), "\" is no corridor id"));
    } else if (offer.round().empty()) {
      findings->Add("corridor", "belongs to a round; the offer names none");
    }
  }
  for (int i = 0; i < offer.preferences_size(); ++i) {
    const std::string& name = offer.preferences(i);
    if (!IsNameIn("needs", name) && !IsNameIn("regions", name)) {
      findings->AddAt("preferences", i, "",
                      StrCat("\"", Excerpt(name, 80), "\" is neither needs/{id} nor regions/{id}"));
    }
  }
  absl::flat_hash_set<std::string> refused(offer.refused_regions().begin(),
                                           offer.refused_regions().end());
  for (int i = 0; i < offer.accepted_regions_size(); ++i) {
    if (refused.contains(offer.accepted_regions(i))) {
      findings->AddAt("accepted_regions", i, "",
                      StrCat(offer.accepted_regions(i), " is refused too"));
    }
  }
  CheckUniqueTexts(offer.preferences(), "preferences", findings);
  CheckUniqueTexts(offer.categories(), "categories", findings);
  CheckUniqueTexts(offer.target_groups(), "target_groups", findings);
}

}  // namespace tandem::model
