// SPDX-License-Identifier: Apache-2.0

// Fills a page of one condition in one order: sorts the few rows that fit or walks the sorted
// columns until the page is full, whichever looks at fewer rows. Lists fill one page with it,
// searches one for each level of relevance they come to.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/view.h"
#include "query/condition.h"
#include "query/executor.h"
#include "query/order_by.h"
#include "query/page_token.h"
#include "query/segment_rows.h"
#include "query/sort_entry.h"
#include "query/sorted_walk.h"

namespace tandem::query {

// One thread. Borrows the view, the condition, the order and the position.
class PageFiller {
 public:
  // `after`: the end of the page before, one value a key of the order; null for the first page.
  PageFiller(const catalog::View& view, model::RecordType type, const Condition& condition,
             const Order& order, bool show_deleted, const std::vector<SortValue>* after,
             size_t wanted, StopCheck stop);

  // The first `wanted` rows after the position, in order. DEADLINE_EXCEEDED, CANCELLED.
  absl::StatusOr<std::vector<SortEntry>> Fill(ListStats* stats);

  const RowOrder& order() const { return order_; }
  const catalog::SegmentView& segment(const SortEntry& entry) const {
    return segments_[entry.segment];
  }
  // At most this many rows fit.
  uint64_t bound() const { return bound_; }

 private:
  void Offer(const SortEntry& entry, std::vector<SortEntry>* best) const;
  bool OfferSegment(uint32_t index, std::vector<SortEntry>* best);
  void SortBest(std::vector<SortEntry>* best) const;
  absl::StatusOr<std::vector<SortEntry>> Sort();
  std::vector<SortEntry> Walk(WalkBudget* budget);

  const std::vector<catalog::SegmentView> segments_;
  const RowOrder order_;
  const std::vector<SortValue>* const after_;
  const size_t wanted_;
  StopCheck stop_;
  std::vector<std::unique_ptr<const SegmentRows>> rows_;
  uint64_t bound_ = 0;
  double estimate_ = 0;
  uint64_t row_count_ = 0;
};

}  // namespace tandem::query
