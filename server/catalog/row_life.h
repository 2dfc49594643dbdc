// SPDX-License-Identifier: Apache-2.0

// When each row of a segment became a record's current version and when it stopped being it. The
// writer stamps; readers at any revision tell which rows they may see. Cost of a stamp: one atomic
// store and one log entry.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "catalog/alive_rows.h"
#include "catalog/lazy_array.h"
#include "store/log.h"

namespace tandem::catalog {

// One writer (or several that take turns), any number of readers.
class RowLife {
 public:
  // For at most `capacity` rows, 65,536 at most.
  explicit RowLife(uint32_t capacity);

  uint32_t capacity() const { return capacity_; }

  // Writer: row `row` is current from `revision` on. Before the row is published.
  void Born(uint32_t row, store::Revision revision) { born_at_[row] = revision; }
  // Writer: row `row` is no longer current from `revision` on. Revisions never fall.
  void Die(uint32_t row, store::Revision revision);

  store::Revision born_at(uint32_t row) const { return born_at_[row]; }
  // 0 while the row is current.
  store::Revision died_at(uint32_t row) const {
    return dead_at_[row].load(std::memory_order_acquire);
  }
  bool VisibleAt(uint32_t row, store::Revision revision) const {
    if (born_at_[row] > revision) return false;
    store::Revision died = died_at(row);
    return died == 0 || died > revision;
  }
  // Rows that died so far.
  uint32_t dead_count() const { return dead_count_.load(std::memory_order_acquire); }

  // The rows below `row_count` that are current at `revision`; all of them must be born by then.
  // The last answer is kept, so that views of the same revision share it and the next one costs
  // only what died since.
  AliveRows AliveAt(store::Revision revision, uint32_t row_count) const;

  // The rows that died after `revision`, in that order.
  std::vector<uint32_t> DeathsAfter(store::Revision revision) const;

  size_t MemoryBytes(uint32_t row_count) const;

 private:
  // How many of the deaths were at or before `revision`.
  uint32_t DeathsUntil(store::Revision revision) const;

  const uint32_t capacity_;
  LazyArray<store::Revision> born_at_;
  LazyArray<std::atomic<store::Revision>> dead_at_;
  // Rows in the order they died; the first dead_count_ are valid.
  LazyArray<uint16_t> deaths_;
  std::atomic<uint32_t> dead_count_{0};

  mutable absl::Mutex mu_;
  mutable uint32_t cached_deaths_ ABSL_GUARDED_BY(mu_) = 0;
  mutable std::shared_ptr<const std::vector<uint64_t>> cached_words_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tandem::catalog
