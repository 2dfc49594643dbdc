// SPDX-License-Identifier: Apache-2.0

// Finds the rows of an id within one segment. One writer adds; readers may look at any time. The
// newest row of an id is in the table; older ones hang behind it in the order they were added.
#pragma once

#include <atomic>
#include <cstdint>

#include "catalog/lazy_array.h"

namespace tandem::catalog {

// For at most 65,536 rows.
class IdTable {
 public:
  explicit IdTable(uint32_t rows) : mask_(SlotsFor(rows) - 1), slots_(mask_ + 1), older_(rows) {}

  // Writer: adds `row`, whose data is in place. `same_id(other)` tells whether another row has the
  // same id.
  template <typename SameId>
  void Add(uint64_t hash, uint32_t row, SameId&& same_id) {
    const uint32_t tag = Tag(hash);
    for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      const uint32_t slot = slots_[at].load(std::memory_order_relaxed);
      if (slot != 0) {
        if ((slot & kTagMask) != tag || !same_id(RowOf(slot))) continue;
        older_[row] = static_cast<uint16_t>(RowOf(slot) + 1);
      }
      slots_[at].store(tag | (row << 1U) | 1U, std::memory_order_release);
      return;
    }
  }

  // Calls accept(row) for the rows of the id, newest first, until it returns true. `same_id` as in
  // Add.
  template <typename SameId, typename Accept>
  bool Find(uint64_t hash, SameId&& same_id, Accept&& accept) const {
    const uint32_t tag = Tag(hash);
    for (uint64_t at = hash & mask_;; at = (at + 1) & mask_) {
      const uint32_t slot = slots_[at].load(std::memory_order_acquire);
      if (slot == 0) return false;
      if ((slot & kTagMask) != tag) continue;
      uint32_t row = RowOf(slot);
      if (!same_id(row)) continue;
      while (!accept(row)) {
        if (older_[row] == 0) return false;
        row = older_[row] - 1U;
      }
      return true;
    }
  }

  void Prefetch(uint64_t hash) const { __builtin_prefetch(&slots_[hash & mask_]); }

  size_t MemoryBytes() const { return (mask_ + 1) * sizeof(uint32_t); }

 private:
  // 15 bits of tag, 16 of row, one that marks the slot as taken.
  static constexpr uint32_t kTagMask = 0xFFFE0000U;
  static uint32_t Tag(uint64_t hash) { return static_cast<uint32_t>(hash >> 32U) & kTagMask; }
  static uint32_t RowOf(uint32_t slot) { return (slot >> 1U) & 0xFFFFU; }
  // At most half full.
  static uint64_t SlotsFor(uint32_t rows) {
    uint64_t slots = 16;
    while (slots < uint64_t{rows} * 2) slots *= 2;
    return slots;
  }

  const uint64_t mask_;
  LazyArray<std::atomic<uint32_t>> slots_;
  // One more than the row that had the id before; 0 when none had. Earlier rows have smaller
  // numbers, so it fits.
  LazyArray<uint16_t> older_;
};

}  // namespace tandem::catalog
