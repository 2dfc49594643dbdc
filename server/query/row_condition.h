// SPDX-License-Identifier: Apache-2.0

// Evaluates a condition on one row by asking the segment for the row's values. Works for every
// segment; the planner uses it for open ones, which have no columns, and for what columns can't
// answer faster.
#pragma once

#include <cstdint>

#include "catalog/view.h"
#include "query/condition.h"

namespace tandem::query {

// One condition, ready to be asked. Borrows the condition and the view. Immutable; any number of
// threads.
class RowCondition {
 public:
  RowCondition(const Condition& condition, const catalog::View& view);

  // Whether `row` of `segment` fits.
  bool Fits(const catalog::Segment& segment, uint32_t row) const {
    return Fits(condition_, segment, row);
  }

 private:
  bool Fits(const Condition& condition, const catalog::Segment& segment, uint32_t row) const;
  void TakeTrees(const Condition& condition, const catalog::View& view);
  const catalog::Tree& TreeOf(const catalog::IndexedField& field) const;

  const Condition& condition_;
  // Asking the view takes a lock, so the trees that the condition needs are taken once.
  const catalog::Tree* regions_ = nullptr;
  const catalog::Tree* categories_ = nullptr;
};

}  // namespace tandem::query
