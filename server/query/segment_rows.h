// SPDX-License-Identifier: Apache-2.0

// The rows of one segment that a query gives: current at the view, not deleted unless asked for,
// and fitting the condition. Also when to stop early.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "catalog/view.h"
#include "query/condition.h"
#include "query/planner.h"

namespace tandem::query {

// Immutable. Borrows the part, the view and the condition.
class SegmentRows {
 public:
  SegmentRows(const Condition& condition, const catalog::View& view,
              const catalog::SegmentView& part, bool show_deleted, PlanHint* hint = nullptr)
      : part_(part),
        alive_(part.alive()),
        test_(PlanSegment(condition, view, part, hint)),
        show_deleted_(show_deleted) {}

  // Whether the query gives that row.
  bool Gives(uint32_t row) const {
    return alive_.Contains(row) && test_->Matches(row) &&
           (show_deleted_ || !part_.segment().deleted(row));
  }
  // Leaves those of `rows`, all of the segment, that the query gives.
  void Keep(std::vector<uint16_t>* rows) const;
  // At most this many rows are given.
  uint32_t bound() const { return test_->bound(); }
  // About this many are.
  double estimate() const { return test_->estimate(); }

  // Calls visit(row) once for each row given, in no useful order, until it returns false. False
  // when it did.
  template <typename Visitor>
  bool ForEach(Visitor&& visit) const;

 private:
  // Rows that are asked together.
  static constexpr size_t kRowsAtOnce = 1024;

  const catalog::SegmentView& part_;
  const catalog::AliveRows alive_;
  const std::unique_ptr<const RowTest> test_;
  const bool show_deleted_;
};

// Tells every few thousand steps whether the caller still waits. One query's; not thread-safe.
class StopCheck {
 public:
  StopCheck(absl::Time deadline, const std::atomic<bool>* cancelled)
      : deadline_(deadline), cancelled_(cancelled) {}

  // One step of work. False once the query must stop; status() tells why.
  bool Step() {
    if (++steps_ % kStepsPerCheck != 0) return ok_;
    return Check();
  }
  // Looks now.
  bool Check() {
    if (cancelled_ != nullptr && cancelled_->load(std::memory_order_relaxed)) was_cancelled_ = true;
    ok_ = !was_cancelled_ && (deadline_ == absl::InfiniteFuture() || absl::Now() < deadline_);
    return ok_;
  }
  // OK, CANCELLED or DEADLINE_EXCEEDED.
  absl::Status status() const;

 private:
  static constexpr uint32_t kStepsPerCheck = 4096;
  const absl::Time deadline_;
  const std::atomic<bool>* const cancelled_;
  uint32_t steps_ = 0;
  bool ok_ = true;
  bool was_cancelled_ = false;
};

template <typename Visitor>
bool SegmentRows::ForEach(Visitor&& visit) const {
  std::vector<uint16_t> some;
  auto visit_some = [&]() {
    Keep(&some);
    return std::all_of(some.begin(), some.end(), [&](uint16_t row) { return visit(row); });
  };
  if (!test_->has_rows()) {
    for (uint32_t begin = 0; begin < part_.row_count(); begin += kRowsAtOnce) {
      some.resize(std::min<size_t>(kRowsAtOnce, part_.row_count() - begin));
      std::iota(some.begin(), some.end(), static_cast<uint16_t>(begin));
      if (!visit_some()) return false;
    }
    return true;
  }
  const auto& lists = test_->rows();
  // Lists of different values may share rows.
  std::vector<bool> seen(lists.size() > 1 ? part_.row_count() : 0);
  for (absl::Span<const uint16_t> list : lists) {
    for (size_t begin = 0; begin < list.size(); begin += kRowsAtOnce) {
      const absl::Span<const uint16_t> next = list.subspan(begin, kRowsAtOnce);
      some.assign(next.begin(), next.end());
      if (!seen.empty()) {
        std::erase_if(some, [&seen](uint16_t row) {
          const bool again = seen[row];
          seen[row] = true;
          return again;
        });
      }
      if (!visit_some()) return false;
    }
  }
  return true;
}

}  // namespace tandem::query
