// SPDX-License-Identifier: Apache-2.0

#include "query/scope.h"

#include <string_view>
#include <utility>

#include "query/filter_functions.h"

namespace tandem::query {
namespace {

void AddTrees(const std::vector<std::string>& ancestors, model::RecordType type,
              model::RecordType target, Condition* out) {
  const std::string_view path = TreePath(type, target);
  if (ancestors.empty() || path.empty()) return;
  Condition any;
  any.kind = Condition::Kind::kAny;
  for (const std::string& ancestor : ancestors) {
    any.children.push_back(WithinCondition(type, path, ancestor));
  }
  out->children.push_back(std::move(any));
}

}  // namespace

Condition ScopeCondition(const Scope& scope, model::RecordType type) {
  Condition all;
  AddTrees(scope.regions, type, model::RecordType::kRegion, &all);
  AddTrees(scope.categories, type, model::RecordType::kServiceCategory, &all);
  const catalog::IndexedField* owner = catalog::FieldTable::Of(type).Find("owner");
  if (!scope.owner.empty() && owner != nullptr) {
    Condition own;
    own.kind = Condition::Kind::kText;
    own.field = owner;
    own.pattern.text = scope.owner;
    all.children.push_back(std::move(own));
  }
  return all;
}

}  // namespace tandem::query
