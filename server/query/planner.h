// SPDX-License-Identifier: Apache-2.0

// Turns a condition into a RowTest for each segment. Sealed segments answer from their columns: a
// comparison becomes a range of codes, membership a row set; AND starts from its rarest part and
// tests the others row by row, so the cost grows with the rarest part and not with the directory.
// Open segments are tested row by row, over the rows their postings name where they can.
#pragma once

#include <memory>

#include "catalog/view.h"
#include "query/condition.h"
#include "query/row_test.h"

namespace tandem::query {

// What the planning of one segment tells that of the next one of the same query. Not thread-safe.
struct PlanHint {
  // A part of the condition, one of many that must all hold, that a segment before had no row for;
  // null while there is none. Borrowed from the condition.
  const Condition* unmet = nullptr;
};

// The test of `condition` on the rows of `part`. Borrows all three arguments, which must outlive
// it. `hint`, unless null, is that of the query.
std::unique_ptr<const RowTest> PlanSegment(const Condition& condition, const catalog::View& view,
                                           const catalog::SegmentView& part,
                                           PlanHint* hint = nullptr);

}  // namespace tandem::query
