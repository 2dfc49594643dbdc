// SPDX-License-Identifier: Apache-2.0

// Who has which value, for a segment that still takes rows: the rows by the hash of field and
// value, newest first. What it names must be looked at again, as different values may share a hash;
// what it does not name has not the value. So a query on a segment that grows costs what its
// rarest condition finds there, not the rows.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>
#include <vector>

#include "catalog/lazy_array.h"
#include "catalog/row_blob.h"

namespace tandem::catalog {

// One writer adds rows in ascending order; readers may look at any time.
class OpenPostings {
 public:
  // Texts longer than this are not in here.
  static constexpr size_t kMaxTextBytes = 256;

  explicit OpenPostings(uint32_t rows);

  // Writer: adds all values of `row`, the one after the row before.
  void Add(const FieldTable& table, const RowBlob& values, uint32_t row);

  // Whether every row below `row_count` is in here with all its values.
  bool Covers(uint32_t row_count) const {
    return covered_.load(std::memory_order_acquire) >= row_count;
  }

  // Appends to `rows` those below `row_count` whose `field` may hold the value, newest first, each
  // once. Texts of at most kMaxTextBytes. Covers(row_count) must hold.
  void Find(FieldId field, std::string_view value, uint32_t row_count,
            std::vector<uint16_t>* rows) const;
  void Find(FieldId field, int64_t value, uint32_t row_count, std::vector<uint16_t>* rows) const;

  size_t MemoryBytes() const { return used_ * sizeof(Entry) + (mask_ + 1) * sizeof(uint32_t); }

 private:
  struct Entry {
    // Of the hash: the bits that do not choose the chain.
    uint32_t tag;
    // One more than the entry before it in the chain; 0 ends it.
    uint32_t next;
    uint16_t row;
  };

  void AddValue(uint64_t hash, uint32_t row);
  void FindHash(uint64_t hash, uint32_t row_count, std::vector<uint16_t>* rows) const;

  const uint64_t mask_;
  const uint32_t capacity_;
  // One more than the newest entry of each chain.
  LazyArray<std::atomic<uint32_t>> heads_;
  LazyArray<Entry> entries_;
  // The writer's.
  uint32_t used_ = 0;
  bool full_ = false;
  // Rows that are in here completely. Entries that ran out end this for the segment's life, and
  // queries look at every row of it.
  std::atomic<uint32_t> covered_{0};
};

}  // namespace tandem::catalog
