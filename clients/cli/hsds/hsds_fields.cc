// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_fields.h"

#include <map>

#include "absl/strings/ascii.h"
#include "re2/re2.h"

#include "cli/value_transform.h"

namespace tandem::cli {
namespace {

constexpr char kUscc[] = "uscc";
constexpr char kHsdsUscc[] = "CN-USCC";
constexpr int64_t kE7 = 10'000'000;

constexpr char kContactData[] = "contact data: only contacts take it in";
constexpr char kNoField[] = "an agency has no such field";

// Records of which nothing is carried.
const std::map<std::string, std::string>& Skipped() {
  static const auto* const kSkipped = new std::map<std::string, std::string>{
      {"contact", "has no name, or is nobody's of these data; or contacts were not wanted"},
      {"phone", "only the number of a contact is carried"},
      {"location", "an agency has one place"},
      {"address", "an agency has one address"},
      {"service_at_location", "names no service or location of these data"},
      {"attribute", "names no term, service or organization of these data"},
      {"language", "has no code of a language an agency works in"},
      {"organization", "has no name"},
      {"organization_identifier", "has no number, or names no organization of these data"},
      {"service", "is not active, or names no organization of these data"},
      {"taxonomy", "no term of these data belongs to it"},
  };
  return *kSkipped;
}

// Values that are told with a reason of their own.
const std::map<std::string, std::string>& Lost() {
  static const auto* const kLost = new std::map<std::string, std::string>{
      {"organization.email", kContactData},
      {"organization.phones", kContactData},
      {"organization.description", "longer than 2,000 characters: cut"},
      {"organization.name", "longer than 200 characters: cut"},
      {"organization.tax_id", "is no number"},
      {"service.email", kContactData},
      {"service.assurer_email", kContactData},
      {"service.name", "the text of an agency's services is full at 2,000 characters"},
      {"service.description", "the text of an agency's services is full at 2,000 characters"},
      {"service.status", "only active services are carried"},
      {"service.taxonomy_ids", "names a term that is not in these data"},
      {"location.email", kContactData},
      {"location.admin_emails", kContactData},
      {"location.latitude", "an agency has one place, in degrees of WGS 84"},
      {"location.longitude", "an agency has one place, in degrees of WGS 84"},
      {"taxonomy_term.parent_id", "names a term that is not in these data"},
      {"taxonomy_term.parent_name", "names a term that is not in these data"},
      {"taxonomy_term.language", "a category has no such field"},
      {"taxonomy_term.description", "longer than 2,000 characters: cut"},
      {"taxonomy.description", "a category has no such field"},
      {"taxonomy.uri", "a category has no such field"},
  };
  return *kLost;
}

}  // namespace

const std::vector<const char*>& HsdsLabelColumns() {
  static const auto* const kColumns = new std::vector<const char*>{
      "alternate_name",        "website",           "uri",      "logo",           "tax_status",
      "legal_status",          "year_incorporated", "licenses", "accreditations", "funding_sources",
      "parent_organization_id"};
  return *kColumns;
}

std::string TandemFieldOf(const HsdsRow& attribute, const HsdsRow* term) {
  if (term == nullptr || !IsTandemTerm(*term) || attribute.Look("value").empty()) return "";
  return term->Look("code");
}

bool IsTandemTerm(const HsdsRow& term) { return term.Look("taxonomy") == kTandemTaxonomy; }

bool IsTandemService(const HsdsRow& service) {
  return service.id().starts_with(kTandemServicePrefix);
}

std::string IdentifierScheme(const std::string& hsds_scheme) {
  if (hsds_scheme == kHsdsUscc) return kUscc;
  std::string scheme;
  for (char c : absl::AsciiStrToLower(hsds_scheme)) {
    const bool fits = absl::ascii_isalnum(static_cast<unsigned char>(c));
    if (fits && (!scheme.empty() || absl::ascii_isalpha(static_cast<unsigned char>(c)))) {
      scheme.push_back(c);
    } else if (!scheme.empty() && scheme.back() != '-') {
      scheme.push_back('-');
    }
  }
  while (!scheme.empty() && scheme.back() == '-') scheme.pop_back();
  if (scheme.empty()) return "hsds";
  return scheme.substr(0, 63);
}

std::string HsdsIdentifierScheme(const std::string& scheme) {
  return scheme == kUscc ? kHsdsUscc : absl::AsciiStrToUpper(scheme);
}

std::string LanguageTag(const std::string& code) {
  static const LazyRE2 kTag = {"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*"};
  return RE2::FullMatch(code, *kTag) ? code : "";
}

std::optional<int64_t> DegreesE7(const std::string& text, int64_t most) {
  const std::optional<int64_t> degrees = ScaleDecimal(text, kE7);
  if (!degrees || *degrees > most * kE7 || *degrees < -most * kE7) return std::nullopt;
  return degrees;
}

std::string WhySkipped(const std::string& entity, const HsdsRow& row) {
  if (entity == "service" && !row.Look("status").empty() && row.Look("status") != "active") {
    return "is not active";
  }
  auto found = Skipped().find(entity);
  return found == Skipped().end() ? kNoField : found->second;
}

std::string WhyLost(const std::string& entity, const std::string& column) {
  if (entity == "contact" || entity == "phone") return kContactData;
  auto found = Lost().find(entity + "." + column);
  return found == Lost().end() ? kNoField : found->second;
}

}  // namespace tandem::cli
