// SPDX-License-Identifier: Apache-2.0

#include "model/absl_strings.h"
#include "model/excerpt.h"
#include "model/field_groups.h"
#include "model/record_rules.h"
#include "model/unique_items.h"

namespace tandem::model {

void CheckSource(const v1::Source& source, RuleFindings* findings) {
  for (int i = 0; i < source.field_groups_size(); ++i) {
    if (FindFieldGroup(RecordType::kAgency, source.field_groups(i)) != nullptr) continue;
    std::string known;
    for (const FieldGroup& group : FieldGroupsOf(RecordType::kAgency)) {
      known += StrCat(known.empty() ? "" : ", ", group.id);
    }
    findings->AddAt("field_groups", i, "",
                    StrCat("\"", Excerpt(source.field_groups(i), 40),
                           "\" is no field group; they are ", known));
  }
  CheckUniqueTexts(source.field_groups(), "field_groups", findings);
}

}  // namespace tandem::model
