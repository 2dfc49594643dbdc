// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_tables.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

#include "cli/hsds/hsds_entities.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr size_t kMostDepth = 32;

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

absl::Status HsdsTables::Add(const std::string& entity, std::map<std::string, std::string> values) {
  RETURN_IF_ERROR(status());
  RenameHsdsColumns(entity, &values);
  for (auto at = values.begin(); at != values.end();) {
    at = at->second.empty() ? values.erase(at) : std::next(at);
  }
  Counts& counts = counts_[entity];
  std::string id = values.count("id") > 0 ? values["id"] : "";
  if (id.empty()) id = absl::StrCat("#", counts.rows + 1);
  HsdsRow* row = Find(entity, id);
  if (row == nullptr) {
    ++counts.rows;
    Insert(entity, id, std::move(values));
    return status();
  }
  ++counts.repeated;
  for (auto& [column, value] : values) {
    bool differs = false;
    if (row->Fill(column, value, &differs)) {
      Filled(entity, row, column);
    } else if (differs && !NamesARow(column) && !column.starts_with("link_")) {
      ++contradictions_[entity + "." + column];
    }
  }
  Release();
  return status();
}

absl::Status HsdsTables::AddObject(const std::string& entity, const nlohmann::json& object) {
  Flatten(entity, object, "", "", 0);
  return status();
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
  if (id.empty()) id = absl::StrCat("#", parent_id, "/", Count(entity) + 1);
  const std::string own_id = id;
  if (!Add(entity, std::move(values)).ok()) return own_id;
  for (const auto& [child, list] : children) {
    for (const nlohmann::json& element : *list) {
      if (element.is_object()) Flatten(child, element, entity, own_id, depth + 1);
    }
  }
  return own_id;
}

std::vector<std::string> HsdsTables::Entities() const {
  std::vector<std::string> entities;
  for (const auto& [entity, counts] : counts_) {
    if (counts.rows > 0) entities.push_back(entity);
  }
  return entities;
}

int64_t HsdsTables::Count(const std::string& entity) const {
  auto found = counts_.find(entity);
  return found == counts_.end() ? 0 : found->second.rows;
}

int64_t HsdsTables::Repeated(const std::string& entity) const {
  auto found = counts_.find(entity);
  return found == counts_.end() ? 0 : found->second.repeated;
}

}  // namespace tandem::cli
