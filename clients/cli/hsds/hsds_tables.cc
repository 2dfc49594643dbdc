// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_tables.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostDepth = 32;

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

// The column by which a row names its parent, or a record that it refers to.
std::string ReferenceColumn(const std::string& entity) { return entity + "_id"; }

std::string ScalarText(const nlohmann::json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "" : value.dump();
}

// A list of plain values in one text.
std::string ListText(const nlohmann::json& list) {
  std::string text;
  for (const nlohmann::json& value : list) {
    if (value.is_structured()) continue;
    absl::StrAppend(&text, text.empty() ? "" : "; ", ScalarText(value));
  }
  return text;
}

bool HoldsObjects(const nlohmann::json& list) {
  return std::any_of(list.begin(), list.end(),
                     [](const nlohmann::json& value) { return value.is_object(); });
}

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

std::string HsdsRow::Look(const std::string& column) const {
  auto found = values_.find(column);
  return found == values_.end() ? "" : found->second;
}

std::string HsdsRow::Take(const std::string& column) {
  auto found = values_.find(column);
  if (found == values_.end()) return "";
  taken_.insert(column);
  return found->second;
}

bool HsdsTables::Add(const std::string& entity, std::map<std::string, std::string> values) {
  for (const Renaming& renaming : kRenamings) {
    if (entity != renaming.entity) continue;
    auto old = values.find(renaming.old_name);
    if (old == values.end()) continue;
    values.emplace(renaming.name, old->second);
    if (values[renaming.name] == old->second) values.erase(old);
  }
  for (auto at = values.begin(); at != values.end();) {
    bytes_ += at->first.size() + at->second.size() + 96;
    at = at->second.empty() ? values.erase(at) : std::next(at);
  }
  full_ = full_ || bytes_ > kMostBytes;
  if (full_) return false;
  Table& table = tables_[entity];
  std::string id = values.count("id") > 0 ? values["id"] : "";
  if (id.empty()) id = absl::StrCat("#", table.rows.size() + 1);
  auto known = table.by_id.find(id);
  if (known == table.by_id.end()) {
    table.by_id[id] = table.rows.size();
    table.rows.emplace_back(std::move(id), std::move(values));
    table.children.clear();
    return true;
  }
  ++table.repeated;
  HsdsRow& row = table.rows[known->second];
  for (auto& [column, value] : values) {
    auto [held, is_new] = row.values_.emplace(column, value);
    const bool names_another = column.ends_with("_id") || column.starts_with("link_");
    if (!is_new && held->second != value && !names_another) {
      ++contradictions_[entity + "." + column];
    }
  }
  table.children.clear();
  return true;
}

bool HsdsTables::AddObject(const std::string& entity, const nlohmann::json& object) {
  Flatten(entity, object, "", "", 0);
  return !full_;
}

std::string HsdsTables::Flatten(const std::string& entity, const nlohmann::json& object,
                                const std::string& parent_entity, const std::string& parent_id,
                                size_t depth) {
  std::map<std::string, std::string> values;
  std::vector<std::pair<std::string, const nlohmann::json*>> children;
  for (const auto& [key, value] : object.items()) {
    if (value.is_object() && depth < kMostDepth) {
      // A term's vocabulary is a term in the UK profile; one object is referred to, not owned.
      const bool is_term = entity == "attribute" && key == "taxonomy";
      const std::string child = is_term ? "taxonomy_term" : HsdsEntity(key);
      values[ReferenceColumn(child)] = Flatten(child, value, "", "", depth + 1);
    } else if (value.is_array() && HoldsObjects(value) && depth < kMostDepth) {
      children.emplace_back(HsdsEntity(key), &value);
    } else if (value.is_array()) {
      values[key] = ListText(value);
    } else if (!value.is_structured()) {
      values[key] = ScalarText(value);
    }
  }
  if (!parent_entity.empty()) {
    values.emplace(ReferenceColumn(parent_entity), parent_id);
    if (entity == "attribute") {
      values.emplace("link_id", parent_id);
      values["link_entity"] = parent_entity;
    }
  }
  std::string& id = values["id"];
  if (id.empty()) id = absl::StrCat("#", parent_id, "/", tables_[entity].rows.size() + 1);
  const std::string own_id = id;
  if (!Add(entity, std::move(values))) return own_id;
  for (const auto& [child, list] : children) {
    for (const nlohmann::json& element : *list) {
      if (element.is_object()) Flatten(child, element, entity, own_id, depth + 1);
    }
  }
  return own_id;
}

std::vector<HsdsRow>& HsdsTables::Rows(const std::string& entity) { return tables_[entity].rows; }

HsdsRow* HsdsTables::Find(const std::string& entity, const std::string& id) {
  Table& table = tables_[entity];
  auto found = table.by_id.find(id);
  return found == table.by_id.end() ? nullptr : &table.rows[found->second];
}

std::vector<HsdsRow*> HsdsTables::Children(const std::string& entity, const std::string& column,
                                           const std::string& id) {
  Table& table = tables_[entity];
  auto [index, is_new] = table.children.try_emplace(column);
  if (is_new) {
    for (size_t i = 0; i < table.rows.size(); ++i) {
      const std::string parent = table.rows[i].Look(column);
      if (!parent.empty()) index->second.emplace(parent, i);
    }
  }
  std::vector<size_t> places;
  auto [from, to] = index->second.equal_range(id);
  for (auto at = from; at != to; ++at) places.push_back(at->second);
  std::sort(places.begin(), places.end());
  std::vector<HsdsRow*> rows;
  for (size_t place : places) rows.push_back(&table.rows[place]);
  return rows;
}

std::vector<std::string> HsdsTables::Entities() const {
  std::vector<std::string> entities;
  for (const auto& [entity, table] : tables_) {
    if (!table.rows.empty()) entities.push_back(entity);
  }
  return entities;
}

int64_t HsdsTables::Repeated(const std::string& entity) const {
  auto found = tables_.find(entity);
  return found == tables_.end() ? 0 : found->second.repeated;
}

}  // namespace tandem::cli
