// SPDX-License-Identifier: Apache-2.0

#include "model/record_rules.h"
#include "model/unique_items.h"

namespace tandem::model {

void CheckContact(const v1::Contact& contact, RuleFindings* findings) {
  CheckUniqueTexts(contact.languages(), "languages", findings);
}

}  // namespace tandem::model
