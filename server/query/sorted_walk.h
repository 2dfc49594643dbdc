// SPDX-License-Identifier: Apache-2.0

// Gives the rows of one sealed segment in the query's order without sorting all of them: it walks
// the sorted column of the order's first key, group of equal values by group, from where the page
// before ended.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "catalog/column.h"
#include "query/page_token.h"
#include "query/segment_rows.h"
#include "query/sort_entry.h"

namespace tandem::query {

// How many rows all walks of a query may look at before sorting the matches is the better way.
struct WalkBudget {
  uint64_t left = 0;
  bool exceeded = false;

  bool Spend(uint64_t rows) {
    exceeded = exceeded || rows > left;
    left -= exceeded ? left : rows;
    return !exceeded;
  }
};

// Borrows all arguments. Not thread-safe.
class SortedWalk {
 public:
  // `wanted` is how many rows the page takes at most; `after` the end of the page before, or null.
  SortedWalk(const RowOrder& order, uint32_t segment_index, const catalog::Segment& segment,
             const SegmentRows& rows, size_t wanted, const std::vector<SortValue>* after,
             WalkBudget* budget);

  // The next row; nullopt at the end, or when the budget is spent.
  std::optional<SortEntry> Next();

 private:
  // The rows with one value of the first key. Rows without a value count as the default and may
  // share a group with it.
  struct Group {
    absl::Span<const uint16_t> valued;
    absl::Span<const uint16_t> absent;
    size_t size() const { return valued.size() + absent.size(); }
  };

  void PlaceAbsent();
  void FindStart();
  Group GroupAt(size_t index) const;
  bool OpenGroup();
  void SortGroup(const Group& group);
  std::optional<SortEntry> NextByName();
  bool InOpenGroup(uint32_t row) const;

  const RowOrder& order_;
  const uint32_t segment_index_;
  const catalog::Segment& segment_;
  const SegmentRows& rows_;
  const size_t wanted_;
  const std::vector<SortValue>* after_;
  WalkBudget* const budget_;
  const OrderKey& key_;
  const catalog::Column& column_;

  // The rows without a value: one code's group takes them in, or they are a group of their own.
  absl::Span<const uint16_t> absent_;
  std::optional<catalog::Code> absent_joins_;
  std::optional<size_t> absent_group_;
  size_t group_count_ = 0;
  // Groups not yet opened, counted from the end of the order: the next one is `group_count_ - left`
  // ascending or `left - 1` descending.
  size_t left_ = 0;
  // Only the first group opened can hold rows of the page before.
  bool at_start_ = true;

  // Of the group that is being sorted; kept for its memory.
  std::vector<uint16_t> given_;
  // A sorted group, taken from the back.
  std::vector<SortEntry> sorted_;
  // A large group is walked in the order of names instead: its code, and the name codes still to
  // look at.
  bool by_name_ = false;
  bool by_name_at_start_ = false;
  size_t open_group_ = 0;
  catalog::Code name_begin_ = 0;
  catalog::Code name_end_ = 0;
  uint32_t name_row_ = 0;
};

}  // namespace tandem::query
