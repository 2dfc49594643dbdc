// SPDX-License-Identifier: Apache-2.0

#include "model/record_rules.h"
#include "model/succession_rules.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

std::vector<SuccessorPart> SuccessorsOf(const v1::ServiceCategory& category) {
  std::vector<SuccessorPart> parts;
  for (const v1::CategorySuccessor& successor : category.successors()) {
    parts.push_back({successor.category(), successor.share_permille(), successor.kind()});
  }
  return parts;
}

}  // namespace

void CheckServiceCategory(const v1::ServiceCategory& category, RuleFindings* findings) {
  if (!category.name().empty() && category.parent_category() == category.name()) {
    findings->Add("parent_category", "is the term itself");
  }
  for (int i = 0; i < category.replaced_by_size(); ++i) {
    if (category.replaced_by(i) == category.name()) {
      findings->AddAt("replaced_by", i, "", "is the term itself");
    }
  }
  CheckSuccessors(category.name(), category.valid_to_date(), "category", SuccessorsOf(category),
                  findings);
  CheckDayOrder(category.valid_from_date(), category.valid_to_date(), "valid_to_date", findings);
  for (int i = 0; i < category.mappings_size(); ++i) {
    const v1::CategoryMapping& mapping = category.mappings(i);
    if (mapping.category().empty() && (mapping.taxonomy().empty() || mapping.code().empty())) {
      findings->AddAt("mappings", i, "",
                      "names neither a term here nor a taxonomy and a code elsewhere");
    }
    if (!mapping.category().empty() && mapping.category() == category.name()) {
      findings->AddAt("mappings", i, "category", "is the term itself");
    }
  }
  CheckUnique(
      category.names(), "names", "language",
      [](const v1::LocalizedText& text) { return text.language(); }, findings);
  CheckUniqueTexts(category.replaced_by(), "replaced_by", findings);
  CheckUniqueTexts(category.former_names(), "former_names", findings);
}

}  // namespace tandem::model
