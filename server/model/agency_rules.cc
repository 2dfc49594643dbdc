// SPDX-License-Identifier: Apache-2.0

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "model/absl_strings.h"
#include "model/identifier.h"
#include "model/record_rules.h"
#include "model/unique_items.h"

namespace tandem::model {
namespace {

// Sources that are registries: their records are taken as they are and marked, not refused.
constexpr std::string_view kRegistrySource = "registry:";
constexpr int64_t kWholePermille = 1000;

constexpr std::string_view kIdentifiersField = "identifiers";
// What an import from a registry that the record does not name is kept under.
constexpr std::string_view kUnnamedRegistry = "registry:import";

// Whether the identifiers of the record came from a registry and not from the agency itself.
bool IdentifiersFromRegistry(const v1::Agency& agency) {
  for (const v1::Provenance& provenance : agency.provenance()) {
    if (!absl::StartsWith(provenance.source(), ToAbsl(kRegistrySource)) &&
        provenance.source_kind() != v1::SOURCE_KIND_REGISTRY) {
      continue;
    }
    if (provenance.field_path() == "*" || provenance.field_path() == kIdentifiersField) return true;
  }
  return false;
}

void CheckIdentifiers(const v1::Agency& agency, RuleFindings* findings) {
  bool from_registry = IdentifiersFromRegistry(agency);
  for (int i = 0; i < agency.identifiers_size(); ++i) {
    const v1::Identifier& identifier = agency.identifiers(i);
    if (identifier.scheme() != kUsccScheme) continue;
    std::string problem = UsccProblem(identifier.value());
    // A registry's own slip is kept, unverified; nobody else may enter one.
    if (problem.empty() || (from_registry && !identifier.verified())) continue;
    findings->AddAt("identifiers", i, "value", problem);
  }
  CheckUnique(
      agency.identifiers(), "identifiers", "value",
      [](const v1::Identifier& id) { return StrCat(id.scheme(), " ", id.value()); }, findings);
}

void CheckAssessment(const v1::Assessment& assessment, RuleFindings* findings) {
  CheckDayOrder(assessment.awarded_date(), assessment.expiry_date(), "assessment.expiry_date",
                findings);
  bool graded = assessment.grade() != v1::ASSESSMENT_GRADE_UNSPECIFIED;
  if (graded && !assessment.not_assessed_reason().empty()) {
    findings->Add("assessment.not_assessed_reason", "contradicts the grade");
  }
}

void CheckStaff(const v1::Agency& agency, RuleFindings* findings) {
  const v1::Staff& staff = agency.staff();
  if (!staff.has_total()) return;
  if (agency.capacity().home_floor() > staff.total()) {
    findings->Add("capacity.home_floor", StrCat(agency.capacity().home_floor(),
                                                " is more than all staff, ", staff.total()));
  }
  int64_t certified = int64_t{staff.assistant_social_workers()} + staff.social_workers() +
                      staff.senior_social_workers();
  if (certified > staff.total()) {
    findings->Add("staff.total", StrCat(staff.total(), " is less than the ", certified,
                                        " holders of certificates"));
  }
}

void CheckIncome(const v1::Agency& agency, RuleFindings* findings) {
  absl::flat_hash_map<int32_t, int64_t> sums;
  for (const v1::IncomeShare& share : agency.income_mix()) {
    sums[share.year()] += share.share_permille();
  }
  for (const auto& [year, sum] : sums) {
    if (sum > kWholePermille) {
      findings->Add("income_mix", StrCat("the shares of ", year, " add up to ", sum,
                                         " per mille; at most 1000 are allowed"));
    }
  }
  CheckUnique(
      agency.income_mix(), "income_mix", "kind",
      [](const v1::IncomeShare& share) { return StrCat(share.kind(), " of ", share.year()); },
      findings);
}

void CheckContracts(const v1::Agency& agency, RuleFindings* findings) {
  for (int i = 0; i < agency.contracts_size(); ++i) {
    const v1::Contract& contract = agency.contracts(i);
    std::string end_path = StrCat("contracts[", i, "].end_date");
    // Work often starts before the paper is signed; nothing ends before it was.
    CheckDayOrder(contract.start_date(), contract.end_date(), end_path, findings);
    CheckDayOrder(contract.sign_date(), contract.end_date(), end_path, findings);
  }
}

}  // namespace

void NormaliseAgency(v1::Agency* agency) {
  for (v1::Identifier& identifier : *agency->mutable_identifiers()) {
    NormaliseIdentifier(identifier.mutable_value());
  }
}

std::vector<FieldViolation> KeepRegistryIdentifiers(v1::Agency* agency) {
  NormaliseAgency(agency);
  std::vector<FieldViolation> warnings;
  for (int i = 0; i < agency->identifiers_size(); ++i) {
    v1::Identifier* identifier = agency->mutable_identifiers(i);
    if (identifier->scheme() != kUsccScheme) continue;
    const std::string problem = UsccProblem(identifier->value());
    if (problem.empty()) continue;
    identifier->set_verified(false);
    warnings.push_back(
        {StrCat(kIdentifiersField, "[", i, "].value"), StrCat(problem, "; kept unverified")});
  }
  if (!warnings.empty() && !IdentifiersFromRegistry(*agency)) {
    v1::Provenance* provenance = agency->add_provenance();
    provenance->set_field_path(std::string(kIdentifiersField));
    provenance->set_source(std::string(kUnnamedRegistry));
  }
  return warnings;
}

void CheckAgency(const v1::Agency& agency, RuleFindings* findings) {
  if ((agency.status() == v1::AGENCY_STATUS_MERGED) != !agency.merged_into().empty()) {
    findings->Add("status", "is AGENCY_STATUS_MERGED after a merge and never otherwise");
  }
  CheckIdentifiers(agency, findings);
  CheckAssessment(agency.assessment(), findings);
  CheckStaff(agency, findings);
  CheckIncome(agency, findings);
  CheckContracts(agency, findings);
  CheckUnique(
      agency.categories(), "categories", "category",
      [](const v1::CategoryCapability& capability) { return capability.category(); }, findings);
  CheckUnique(
      agency.names(), "names", "language",
      [](const v1::LocalizedText& text) { return text.language(); }, findings);
  CheckUniqueTexts(agency.target_groups(), "target_groups", findings);
  CheckUniqueTexts(agency.languages(), "languages", findings);
  for (int i = 0; i < agency.provenance_size(); ++i) {
    CheckDayOrder(agency.provenance(i).assured_date(), agency.provenance(i).lapse_date(),
                  StrCat("provenance[", i, "].lapse_date"), findings);
  }
}

}  // namespace tandem::model
