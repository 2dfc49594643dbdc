// SPDX-License-Identifier: Apache-2.0

#include "model/absl_strings.h"
#include "model/record_rules.h"
#include "model/succession_rules.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

// GB/T 2260, China's codes of administrative units: the ids of the default scheme.
constexpr std::string_view kGbt2260 = "gbt2260";

// A GB/T 2260 code is its region's id, so that everybody finds it under the same name.
void CheckCode(const v1::Region& region, RuleFindings* findings) {
  if (region.code_scheme() != kGbt2260 || region.name().empty()) return;
  if (region.name() != StrCat("regions/", region.code())) {
    findings->Add("code", StrCat("a region with code_scheme \"gbt2260\" has the name regions/",
                                 region.code(), ", not ", region.name()));
  }
}

std::vector<SuccessorPart> SuccessorsOf(const v1::Region& region) {
  std::vector<SuccessorPart> parts;
  for (const v1::RegionSuccessor& successor : region.successors()) {
    parts.push_back({successor.region(), successor.share_permille(), successor.kind()});
  }
  return parts;
}

}  // namespace

void CheckRegion(const v1::Region& region, RuleFindings* findings) {
  CheckCode(region, findings);
  CheckSuccessors(region.name(), region.valid_to_date(), "region", SuccessorsOf(region), findings);
  CheckDayOrder(region.valid_from_date(), region.valid_to_date(), "valid_to_date", findings);
  if (!region.name().empty() && region.parent_region() == region.name()) {
    findings->Add("parent_region", "is the region itself");
  }
  CheckUnique(
      region.designations(), "designations", "designation_id",
      [](const v1::Designation& designation) { return designation.designation_id(); }, findings);
  for (int i = 0; i < region.same_as_size(); ++i) {
    if (region.same_as(i) == region.name()) {
      findings->AddAt("same_as", i, "", "is the region itself");
    }
  }
  CheckUniqueTexts(region.same_as(), "same_as", findings);
  CheckUniqueTexts(region.former_names(), "former_names", findings);
  CheckUnique(
      region.indicators(), "indicators", "indicator_id",
      [](const v1::Indicator& indicator) {
        return StrCat(indicator.indicator_id(), " of ", indicator.year());
      },
      findings);
  CheckUnique(
      region.names(), "names", "language",
      [](const v1::LocalizedText& text) { return text.language(); }, findings);
}

}  // namespace tandem::model
