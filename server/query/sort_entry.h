// SPDX-License-Identifier: Apache-2.0

// Rows as an order sees them: where they stand, and how two of them, or one and a page's end,
// compare.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "catalog/view.h"
#include "query/order_by.h"
#include "query/page_token.h"

namespace tandem::query {

// One row with the value of the order's first key, which decides most comparisons. Texts point into
// the view.
struct SortEntry {
  uint32_t segment = 0;
  uint32_t row = 0;
  int64_t number = 0;
  std::string_view text;
};

// Compares rows of the segments of one view. Borrows the order, the segments and the position.
// Immutable.
class RowOrder {
 public:
  RowOrder(const Order& order, const std::vector<catalog::SegmentView>& segments)
      : order_(order), segments_(segments) {}

  const Order& order() const { return order_; }

  // The row with its first key read.
  SortEntry Entry(uint32_t segment, uint32_t row) const;
  // Whether `left` stands before `right`.
  bool Before(const SortEntry& left, const SortEntry& right) const;
  // Whether the row stands after the end of a page: `last` has one value a key.
  bool After(const SortEntry& entry, const std::vector<SortValue>& last) const;
  // The row's value for each key, for a page token.
  std::vector<SortValue> Values(const SortEntry& entry) const;

 private:
  int64_t Number(const OrderKey& key, const SortEntry& entry) const;
  std::string_view Text(const OrderKey& key, const SortEntry& entry) const;

  const Order& order_;
  const std::vector<catalog::SegmentView>& segments_;
};

}  // namespace tandem::query
