// SPDX-License-Identifier: Apache-2.0

// Turns a condition into a RowTest for each segment. Sealed segments answer from their columns: a
// comparison becomes a range of codes, membership a row set; AND starts from its rarest part and
// tests the others row by row, so the cost grows with the rarest part and not with the directory.
// Open segments are tested row by row, over the rows their postings name where they can.
#pragma once

#include <cstddef>
#include <memory>

#include "catalog/view.h"
#include "query/condition.h"
#include "query/row_test.h"

namespace tandem::query {

// What the segments of one query tell the next one's planning. One query's; not thread-safe.
struct PlanHint {
  static constexpr size_t kNone = static_cast<size_t>(-1);
  // The part of the whole condition, one of many that must all hold, that the segment before had no
  // row for.
  size_t unmet = kNone;
};

// The test of `condition` on the rows of `part`. Borrows all three arguments, which must outlive
// it. `hint`, unless null, is that of the query.
std::unique_ptr<const RowTest> PlanSegment(const Condition& condition, const catalog::View& view,
                                           const catalog::SegmentView& part,
                                           PlanHint* hint = nullptr);

}  // namespace tandem::query
