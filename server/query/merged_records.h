// SPDX-License-Identifier: Apache-2.0

// What merges mean to a query: merged records are not given unless asked for, and a reference to a
// merged record counts as one to its survivor.
#pragma once

#include "catalog/view.h"
#include "query/condition.h"
#include "query/list_query.h"

namespace tandem::query {

// Adds to `all`, whose parts are those of `query`, that the record was not merged into another;
// nothing when the query shows deleted records or its filter looks at merged_into or at the status
// of merged records.
void LeaveOutMerged(const ListQuery& query, Condition* all);

// Widens every comparison of a reference, or of the record above, with one name to all names of the
// same record.
void WidenMergedReferences(const catalog::View& view, Condition* condition);

}  // namespace tandem::query
