// SPDX-License-Identifier: Apache-2.0

// Checks a parsed filter against the fields of a resource and the types of its values. What it
// returns can be evaluated without a further check. The rules, beyond the grammar:
//
//  - Left of an operator stands a field of the resource's table; right of it a literal.
//  - Enums and booleans take = and != only. Lists and maps take `:` ("has"), `labels.key` also =
//  and !=.
//  - What is not set fits no comparison, not even !=: unset optional numbers and times, empty
//  dates, and
//    everything inside a message that is not set. `NOT field:*` finds it.
//  - A star stands for any text, at the ends of a quoted string only, with =, != and `:` only.
//  - `field:*` asks whether the field has a value; `message:*` whether the message is set.
//  - A bare word is looked for in display_name.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "model/record_type.h"
#include "query/condition.h"

namespace tandem::query {

// Parses and checks. FILTER_INVALID with the place, the text and what was expected; for an unknown
// field or enum value with all allowed ones.
absl::StatusOr<Condition> CompileFilter(std::string_view filter, model::RecordType type);

// The filterable fields of a resource, separated by ", ", shortest form, in alphabetical order.
std::string FilterableFields(model::RecordType type);

}  // namespace tandem::query
