// SPDX-License-Identifier: Apache-2.0

#include "query/merged_records.h"

#include <string>
#include <utility>
#include <vector>

#include "catalog/merged_names.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::query {
namespace {

bool AsksForMerged(const Condition& condition, const catalog::IndexedField& merged_into) {
  if (condition.field == &merged_into) return true;
  if (condition.kind == Condition::Kind::kInteger && condition.comparison == Comparison::kEqual &&
      condition.integer == v1::AGENCY_STATUS_MERGED && condition.field->path == "status") {
    return true;
  }
  for (const Condition& child : condition.children) {
    if (AsksForMerged(child, merged_into)) return true;
  }
  return false;
}

}  // namespace

void LeaveOutMerged(const ListQuery& query, Condition* all) {
  const catalog::IndexedField* merged_into = catalog::FieldTable::Of(query.type).merged_into();
  if (merged_into == nullptr || query.show_deleted || AsksForMerged(*all, *merged_into)) return;
  Condition merged;
  merged.kind = Condition::Kind::kPresent;
  merged.field = merged_into;
  Condition stands;
  stands.kind = Condition::Kind::kNot;
  stands.children.push_back(std::move(merged));
  all->children.push_back(std::move(stands));
}

void WidenMergedReferences(const catalog::View& view, Condition* condition) {
  for (Condition& child : condition->children) WidenMergedReferences(view, &child);
  const catalog::IndexedField* field = condition->field;
  if (condition->kind != Condition::Kind::kText || !field->target ||
      catalog::FieldTable::Of(*field->target).merged_into() == nullptr ||
      !condition->pattern.exact() || condition->pattern.text.empty()) {
    return;
  }
  const bool equal = condition->comparison == Comparison::kEqual;
  if (!equal && condition->comparison != Comparison::kNotEqual) return;
  std::vector<std::string> names =
      catalog::NamesOfSame(view, *field->target, condition->pattern.text);
  if (names.size() == 1) return;
  // Equal to one of them, or to none.
  Condition widened;
  widened.kind = equal ? Condition::Kind::kAny : Condition::Kind::kAll;
  for (std::string& name : names) {
    Condition one = *condition;
    one.pattern.text = std::move(name);
    widened.children.push_back(std::move(one));
  }
  *condition = std::move(widened);
}

}  // namespace tandem::query
