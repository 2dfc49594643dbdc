// SPDX-License-Identifier: Apache-2.0

// The functions a filter may call, one row each and resource. They stand where a join would:
//
//   within("regions/33")             at home there or anywhere below it
//   offers("serviceCategories/x")    able in that field or any below it
//
// and, on regions and categories:
//
//   valid_on("2020-01-01")           valid on that day
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/record_type.h"
#include "query/condition.h"
#include "query/filter_ast.h"

namespace tandem::query {

// One function on one resource: it takes the name of a `target` and looks at `path`, a tree
// reference of `type`. The path "name" stands for the record itself and everything below it.
struct FilterFunction {
  std::string_view name;
  model::RecordType type;
  model::RecordType target;
  std::string_view path;
  // One line for people.
  std::string_view comment;
};

// Every row, grouped by name.
absl::Span<const FilterFunction> FilterFunctions();

// The path through which records of `type` belong to a tree of `target`, for scopes: the within()
// row, else the offers() row; empty when there is none.
std::string_view TreePath(model::RecordType type, model::RecordType target);

// The condition that a record of `type` is at or below `ancestor` through `path` of one of the
// rows.
Condition WithinCondition(model::RecordType type, std::string_view path, std::string_view ancestor);

// The condition of a call. FILTER_INVALID for an unknown function, one that this resource does not
// have, or a wrong argument.
absl::StatusOr<Condition> CheckFunction(std::string_view filter, const FilterNode& call,
                                        model::RecordType type);

}  // namespace tandem::query
