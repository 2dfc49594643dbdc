// SPDX-License-Identifier: Apache-2.0

#include "service/batch_rules.h"

#include "model/absl_strings.h"
#include "model/resource_name.h"
#include "service/batch_methods.h"

namespace tandem::service {

absl::Status CheckBatchSize(std::string_view field, int size) {
  if (size == 0) return model::FieldsInvalid({{std::string(field), "is required"}});
  if (size <= kMaxBatch) return absl::OkStatus();
  return model::FieldsInvalid({{std::string(field), StrCat("has ", size, " elements; at most ",
                                                           kMaxBatch, " are allowed")}});
}

std::string PlaceIn(std::string_view field, int index) { return StrCat(field, "[", index, "]"); }

absl::StatusOr<std::string> ParseBatchParent(const model::ResourceTraits& resource,
                                             std::string_view parent) {
  if (parent.empty()) return std::string();
  return model::ParseListParent(resource.type, parent);
}

void BatchFindings::Add(int index, const absl::Status& status) {
  if (status.ok()) return;
  absl::Status placed = model::AtPlace(status, PlaceIn(field_, index));
  std::vector<model::FieldViolation> violations = model::FieldViolations(placed);
  if (violations.empty()) {
    if (other_.ok()) other_ = std::move(placed);
    return;
  }
  violations_.insert(violations_.end(), violations.begin(), violations.end());
}

void BatchFindings::AddId(int index, std::string_view path, const std::string& id) {
  const std::string place = PlaceIn(field_, index);
  const std::string whole = path.empty() ? place : StrCat(place, ".", path);
  const std::string name = model::FormatName(resource_.type, id);
  auto [it, added] = first_.emplace(id, index);
  if (!added) {
    violations_.push_back(
        {whole, StrCat(name, " stands in ", PlaceIn(field_, it->second), " already")});
  }
  if (!parent_id_.empty() && model::ParentIdOf(id) != parent_id_) {
    violations_.push_back({whole, StrCat(name, " does not lie below the parent of the batch")});
  }
}

absl::Status BatchFindings::status() const {
  return violations_.empty() ? other_ : model::FieldsInvalid(violations_);
}

}  // namespace tandem::service
