// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "absl/strings/ascii.h"

#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_fields.h"
#include "cli/hsds/record_text.h"

namespace tandem::cli {
namespace {

constexpr int kMostRepeated = 100;

// Splits "105, 108-05; x" at commas and semicolons.
std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t start = 0; start <= text.size();) {
    const size_t end = std::min(text.find_first_of(",;", start), text.size());
    const std::string part(absl::StripAsciiWhitespace(text.substr(start, end - start)));
    if (!part.empty()) parts.push_back(part);
    start = end + 1;
  }
  return parts;
}

// The number as identifiers keep it: no blanks, letters in upper case.
std::string NormalNumber(const std::string& text) {
  std::string number;
  for (char c : OneLineText(text)) {
    if (c != ' ') number.push_back(absl::ascii_toupper(static_cast<unsigned char>(c)));
  }
  return number;
}

bool HoldsDigit(const std::string& text) {
  return text.find_first_of("0123456789") != std::string::npos;
}

}  // namespace

std::vector<int64_t> HsdsConverter::Organizations() {
  std::vector<int64_t> organizations;
  tables_.ForEach("organization", [&organizations](HsdsRow* row) {
    if (!OneLineText(row->Look("name")).empty()) organizations.push_back(row->place());
  });
  return organizations;
}

v1::Agency HsdsConverter::Agency(HsdsRow* organization) {
  v1::Agency agency;
  agency.set_name(AgencyName(organization->id()));
  if (agency.name() != "agencies/" + organization->id()) {
    (*agency.mutable_labels())["hsds-id"] = organization->id().substr(0, kMostLabelBytes);
  }
  bool cut = false;
  agency.set_display_name(
      FirstCodePoints(OneLineText(organization->Take("name")), kMostTitlePoints, &cut));
  if (cut) organization->PutBack("name");
  agency.set_what_we_do(
      FirstCodePoints(LinesText(organization->Take("description")), kMostTextPoints, &cut));
  if (cut) organization->PutBack("description");
  for (const char* column : HsdsLabelColumns()) Label(organization, column, &agency);
  TakeIdentifiers(organization, &agency);
  TakeServices(organization, &agency);
  TakeTandemFields("organization", organization, &agency);
  return agency;
}

void HsdsConverter::TakeIdentifiers(HsdsRow* organization, v1::Agency* agency) {
  std::set<std::pair<std::string, std::string>> seen;
  auto add = [&](const std::string& scheme, const std::string& value) {
    bool cut = false;
    const std::string number = FirstCodePoints(NormalNumber(value), 100, &cut);
    if (cut || !HoldsDigit(number) || !seen.insert({scheme, number}).second) return false;
    v1::Identifier* identifier = agency->add_identifiers();
    identifier->set_scheme(scheme);
    identifier->set_value(number);
    return true;
  };
  if (!organization->Look("tax_id").empty() && add("tax-id", organization->Look("tax_id"))) {
    organization->Take("tax_id");
  }
  for (HsdsRow* row :
       tables_.Children("organization_identifier", "organization_id", organization->id())) {
    if (!add(IdentifierScheme(row->Look("identifier_scheme")), row->Look("identifier"))) continue;
    row->Take("identifier_scheme");
    row->Take("identifier");
    Merged(row);
  }
}

std::vector<HsdsRow*> HsdsConverter::ServicesOf(HsdsRow* organization) {
  std::vector<HsdsRow*> services =
      tables_.Children("service", "organization_id", organization->id());
  // Before version 2 a service belonged to a location.
  for (HsdsRow* location : tables_.Children("location", "organization_id", organization->id())) {
    for (HsdsRow* service : tables_.Children("service", "location_id", location->id())) {
      if (service->Look("organization_id").empty()) services.push_back(service);
    }
  }
  return services;
}

void HsdsConverter::TakeServices(HsdsRow* organization, v1::Agency* agency) {
  const std::vector<HsdsRow*> services = ServicesOf(organization);
  std::string text;
  size_t points = 0;
  for (HsdsRow* service : services) {
    const std::string status = service->Look("status");
    if (status == "inactive" || status == "defunct" || status == "temporarily closed") continue;
    service->Take("status");
    Merged(service);
    TakeTerms(service, agency);
    // Services that an export of ours made out of categories have no text of their own.
    if (IsTandemService(*service)) {
      service->Take("name");
      continue;
    }
    bool cut = false;
    std::string line = OneLineText(service->Look("name"));
    const std::string description = OneLineText(service->Look("description"));
    if (!description.empty()) line += (line.empty() ? "" : ": ") + description;
    const size_t left = kMostTextPoints - points;
    std::string kept = left > 1 ? FirstCodePoints(line, left - 1, &cut) : "";
    if (kept.empty()) continue;
    points += static_cast<size_t>(std::count_if(
                  kept.begin(), kept.end(),
                  [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; })) +
              1;
    text += (text.empty() ? "" : "\n") + kept;
    service->Take("name");
    if (!cut) service->Take("description");
  }
  agency->set_how_we_do_it(text);
  TakeTerms(organization, agency);
  TakeLocations(organization, services, agency);
  for (HsdsRow* service : services) TakeLanguages("service_id", service->id(), agency);
}

void HsdsConverter::TakeTerms(HsdsRow* service, v1::Agency* agency) {
  for (HsdsRow* link : tables_.Children("attribute", "link_id", service->id())) {
    TakeTerm(link, link->Look("taxonomy_term_id"), agency);
  }
  for (HsdsRow* link : tables_.Children("attribute", "service_id", service->id())) {
    if (link->Look("link_id") != service->id())
      TakeTerm(link, link->Look("taxonomy_term_id"), agency);
  }
  bool all = true;
  for (const std::string& term_id : SplitList(service->Look("taxonomy_ids"))) {
    if (tables_.Find("taxonomy_term", term_id) != nullptr) {
      TakeTerm(nullptr, term_id, agency);
    } else {
      all = false;
    }
  }
  if (all) service->Take("taxonomy_ids");
}

void HsdsConverter::TakeTerm(HsdsRow* link, const std::string& term_id, v1::Agency* agency) {
  const HsdsRow* term = tables_.Find("taxonomy_term", term_id);
  if (term == nullptr || IsTandemTerm(*term)) return;
  const std::string category = CategoryName(term_id);
  const bool known = std::any_of(
      agency->categories().begin(), agency->categories().end(),
      [&category](const v1::CategoryCapability& held) { return held.category() == category; });
  if (!known && agency->categories_size() >= kMostRepeated) return;
  if (!known) agency->add_categories()->set_category(category);
  if (link == nullptr) return;
  for (const char* column : {"taxonomy_term_id", "link_entity"}) link->Take(column);
  Merged(link);
}

void HsdsConverter::TakeLocations(HsdsRow* organization, const std::vector<HsdsRow*>& services,
                                  v1::Agency* agency) {
  std::vector<HsdsRow*> locations =
      tables_.Children("location", "organization_id", organization->id());
  for (HsdsRow* service : services) {
    for (HsdsRow* link : tables_.Children("service_at_location", "service_id", service->id())) {
      HsdsRow* location = tables_.Find("location", link->Look("location_id"));
      if (location == nullptr) continue;
      Merged(link);
      if (std::find(locations.begin(), locations.end(), location) == locations.end()) {
        locations.push_back(location);
      }
    }
  }
  for (HsdsRow* location : locations) {
    if (!agency->has_location() && TakePoint(location, agency)) Merged(location);
    TakeLanguages("location_id", location->id(), agency);
  }
  for (HsdsRow* location : locations) {
    if (agency->labels().count("hsds-address") > 0) break;
    TakeAddress(location, agency);
  }
}

bool HsdsConverter::TakePoint(HsdsRow* location, v1::Agency* agency) {
  const std::optional<int64_t> latitude = DegreesE7(location->Look("latitude"), 90);
  const std::optional<int64_t> longitude = DegreesE7(location->Look("longitude"), 180);
  // A point without digits behind the point, or at 0, 0, is a stand-in for none.
  if (!latitude || !longitude || (*latitude == 0 && *longitude == 0)) return false;
  agency->mutable_location()->set_latitude_e7(static_cast<int32_t>(*latitude));
  agency->mutable_location()->set_longitude_e7(static_cast<int32_t>(*longitude));
  location->Take("latitude");
  location->Take("longitude");
  location->Take("location_type");
  return true;
}

void HsdsConverter::TakeAddress(HsdsRow* location, v1::Agency* agency) {
  static constexpr const char* kParts[] = {"address_1",      "address_2",   "city",   "region",
                                           "state_province", "postal_code", "country"};
  for (HsdsRow* address : tables_.Children("address", "location_id", location->id())) {
    std::string text;
    for (const char* part : kParts) {
      const std::string value = OneLineText(address->Look(part));
      if (!value.empty()) text += (text.empty() ? "" : ", ") + value;
    }
    if (text.empty() || text.size() > kMostLabelBytes) continue;
    for (const char* part : kParts) address->Take(part);
    (*agency->mutable_labels())["hsds-address"] = text;
    Merged(address);
    Merged(location);
    if (regions_ == nullptr || !agency->home_region().empty()) return;
    for (const auto& path :
         {address->Look("state_province") + "/" + address->Look("city") + "/" +
              address->Look("region"),
          address->Look("state_province") + "/" + address->Look("city"), address->Look("city")}) {
      const RegionNames::Answer answer = regions_->Find(path);
      if (!answer.problem.empty()) continue;
      agency->set_home_region(answer.name);
      return;
    }
    return;
  }
}

void HsdsConverter::TakeLanguages(const std::string& column, const std::string& id,
                                  v1::Agency* agency) {
  for (HsdsRow* row : tables_.Children("language", column, id)) {
    const std::string tag = LanguageTag(row->Look("code"));
    if (tag.empty()) continue;
    const auto& held = agency->languages();
    if (std::find(held.begin(), held.end(), tag) == held.end()) {
      if (agency->languages_size() >= kMostRepeated) return;
      agency->add_languages(tag);
    }
    row->Take("code");
    row->Take("name");
    Merged(row);
  }
}

}  // namespace tandem::cli
