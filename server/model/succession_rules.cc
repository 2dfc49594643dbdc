// SPDX-License-Identifier: Apache-2.0

#include "model/succession_rules.h"

#include "model/absl_strings.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

constexpr std::string_view kSuccessors = "successors";
constexpr int64_t kWholePermille = 1000;

void CheckShares(const std::vector<SuccessorPart>& successors, RuleFindings* findings) {
  int64_t sum = 0;
  int unreported = -1;
  for (size_t i = 0; i < successors.size(); ++i) {
    sum += successors[i].share_permille;
    if (successors[i].share_permille == 0) unreported = static_cast<int>(i);
  }
  // Without any share they count in equal parts.
  if (sum == 0) return;
  if (unreported >= 0) {
    findings->AddAt(kSuccessors, unreported, "share_permille",
                    "is required, as others have a share: all or none");
  } else if (sum != kWholePermille) {
    findings->Add(kSuccessors,
                  StrCat("the shares add up to ", sum, " per mille; they must make 1000"));
  }
}

void CheckKinds(const std::vector<SuccessorPart>& successors, RuleFindings* findings) {
  const bool several = successors.size() > 1;
  for (size_t i = 0; i < successors.size(); ++i) {
    const v1::SuccessionKind kind = successors[i].kind;
    const int index = static_cast<int>(i);
    if (several && (kind == v1::SUCCESSION_KIND_MERGE || kind == v1::SUCCESSION_KIND_RENAME)) {
      findings->AddAt(kSuccessors, index, "kind",
                      StrCat(v1::SuccessionKind_Name(kind),
                             " has one successor; what went to several was split"));
    }
    if (!several && kind == v1::SUCCESSION_KIND_SPLIT) {
      findings->AddAt(kSuccessors, index, "kind",
                      "SUCCESSION_KIND_SPLIT has at least two successors");
    }
  }
}

}  // namespace

void CheckSuccessors(std::string_view name, std::string_view valid_to_date,
                     std::string_view unit_field, const std::vector<SuccessorPart>& successors,
                     RuleFindings* findings) {
  if (successors.empty()) return;
  for (size_t i = 0; i < successors.size(); ++i) {
    if (successors[i].unit == name) {
      findings->AddAt(kSuccessors, static_cast<int>(i), unit_field, "is the unit itself");
    }
  }
  CheckShares(successors, findings);
  CheckKinds(successors, findings);
  if (valid_to_date.empty()) {
    findings->Add("valid_to_date", "is required of a unit with successors");
  }
  CheckUnique(
      successors, kSuccessors, unit_field,
      [](const SuccessorPart& successor) { return successor.unit; }, findings);
}

}  // namespace tandem::model
