// SPDX-License-Identifier: Apache-2.0

// What filters and orders mean, written as plainly as possible over protobuf reflection: the oracle
// for the checker, the planner and the executor. It shares the parser's tree with them and nothing
// else.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "google/protobuf/message.h"
#include "query/filter_ast.h"

namespace tandem::testing {

// Parents by name, of regions and categories alike: {"regions/3301", "regions/33"}.
using ParentNames = std::map<std::string, std::string>;

// Whether `record` fits the parsed filter `node`. The filter must have passed the checker.
bool NaiveMatches(const query::FilterNode& node, const google::protobuf::Message& record,
                  const ParentNames& parents);

// Whether `left` stands before `right` in the order `order_by` (valid, see query/order_by.h).
bool NaiveBefore(const google::protobuf::Message& left, const google::protobuf::Message& right,
                 std::string_view order_by);

// The record's `name`.
std::string NameOf(const google::protobuf::Message& record);

}  // namespace tandem::testing
