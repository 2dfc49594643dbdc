// SPDX-License-Identifier: Apache-2.0

#include "model/absl_strings.h"
#include "model/record_rules.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

constexpr int64_t kWholePermille = 1000;
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

void CheckSuccessors(const v1::Region& region, RuleFindings* findings) {
  int64_t sum = 0;
  for (int i = 0; i < region.successors_size(); ++i) {
    sum += region.successors(i).share_permille();
    if (region.successors(i).region() == region.name()) {
      findings->AddAt("successors", i, "region", "is the region itself");
    }
  }
  if (sum > kWholePermille) {
    findings->Add("successors",
                  StrCat("the shares add up to ", sum, " per mille; at most 1000 are allowed"));
  }
  if (region.successors_size() > 0 && region.valid_to_date().empty()) {
    findings->Add("valid_to_date", "is required of a region with successors");
  }
}

}  // namespace

void CheckRegion(const v1::Region& region, RuleFindings* findings) {
  CheckCode(region, findings);
  CheckSuccessors(region, findings);
  CheckDayOrder(region.valid_from_date(), region.valid_to_date(), "valid_to_date", findings);
  if (!region.name().empty() && region.parent_region() == region.name()) {
    findings->Add("parent_region", "is the region itself");
  }
  CheckUnique(
      region.designations(), "designations", "designation_id",
      [](const v1::Designation& designation) { return designation.designation_id(); }, findings);
  CheckUnique(
      region.successors(), "successors", "region",
      [](const v1::RegionSuccessor& successor) { return successor.region(); }, findings);
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
