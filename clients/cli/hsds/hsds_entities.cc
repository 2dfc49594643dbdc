// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_entities.h"

#include <algorithm>
#include <iterator>

namespace tandem::cli {
namespace {

struct Synonym {
  std::string_view word;
  const char* entity;
};

// Keys and file names of HSDS 1 to 3 and of the Open Referral UK profile.
constexpr Synonym kEntities[] = {
    {"organization", "organization"},
    {"organizations", "organization"},
    {"service", "service"},
    {"services", "service"},
    {"location", "location"},
    {"locations", "location"},
    {"service_at_location", "service_at_location"},
    {"service_at_locations", "service_at_location"},
    {"services_at_location", "service_at_location"},
    {"program", "program"},
    {"programs", "program"},
    {"contact", "contact"},
    {"contacts", "contact"},
    {"phone", "phone"},
    {"phones", "phone"},
    {"address", "address"},
    {"addresses", "address"},
    {"physical_address", "address"},
    {"physical_addresses", "address"},
    {"postal_address", "address"},
    {"postal_addresses", "address"},
    {"mail_addresses", "address"},
    {"schedule", "schedule"},
    {"schedules", "schedule"},
    {"regular_schedule", "schedule"},
    {"regular_schedules", "schedule"},
    {"holiday_schedule", "schedule"},
    {"holiday_schedules", "schedule"},
    {"funding", "funding"},
    {"fundings", "funding"},
    {"service_area", "service_area"},
    {"service_areas", "service_area"},
    {"required_document", "required_document"},
    {"required_documents", "required_document"},
    {"language", "language"},
    {"languages", "language"},
    {"accessibility", "accessibility"},
    {"accessibility_for_disabilities", "accessibility"},
    {"cost_option", "cost_option"},
    {"cost_options", "cost_option"},
    {"attribute", "attribute"},
    {"attributes", "attribute"},
    {"other_attributes", "attribute"},
    {"service_attribute", "attribute"},
    {"service_taxonomy", "attribute"},
    {"service_taxonomys", "attribute"},
    {"link_taxonomy", "attribute"},
    {"taxonomy_term", "taxonomy_term"},
    {"taxonomy_terms", "taxonomy_term"},
    {"taxonomy", "taxonomy"},
    {"taxonomies", "taxonomy"},
    {"taxonomy_detail", "taxonomy"},
    {"organization_identifier", "organization_identifier"},
    {"organization_identifiers", "organization_identifier"},
    {"metadata", "metadata"},
    {"meta_table_description", "meta_table_description"},
    {"meta_table_descriptions", "meta_table_description"},
    {"eligibility", "eligibility"},
    {"eligibilitys", "eligibility"},
    {"eligibilities", "eligibility"},
    {"review", "review"},
    {"reviews", "review"},
    {"url", "url"},
    {"urls", "url"},
    {"additional_urls", "url"},
    {"unit", "unit"},
    {"units", "unit"},
    {"service_capacity", "service_capacity"},
    {"service_capacities", "service_capacity"},
};

struct Renaming {
  const char* entity;
  const char* old_name;
  const char* name;
};

// Columns that older versions and the UK profile call by another name.
constexpr Renaming kRenamings[] = {
    {"organization", "url", "website"},
    {"organization", "alternative_name", "alternate_name"},
    {"organization", "date_incorporated", "year_incorporated"},
    {"service", "website", "url"},
    {"service", "eligibility", "eligibility_description"},
    {"service", "fees", "fees_description"},
    {"location", "website", "url"},
    {"phone", "number_type", "type"},
    {"taxonomy_term", "vocabulary", "taxonomy"},
    {"taxonomy_term", "parentId", "parent_id"},
};

}  // namespace

std::string HsdsEntity(std::string_view word) {
  for (const Synonym& known : kEntities) {
    if (known.word == word) return known.entity;
  }
  return std::string(word);
}

bool IsHsdsEntity(std::string_view word) {
  return std::any_of(std::begin(kEntities), std::end(kEntities),
                     [word](const Synonym& known) { return known.word == word; });
}

void RenameHsdsColumns(const std::string& entity, std::map<std::string, std::string>* values) {
  for (const Renaming& renaming : kRenamings) {
    if (entity != renaming.entity) continue;
    auto old = values->find(renaming.old_name);
    if (old == values->end()) continue;
    values->emplace(renaming.name, old->second);
    if ((*values)[renaming.name] == old->second) values->erase(old);
  }
}

}  // namespace tandem::cli
