// SPDX-License-Identifier: Apache-2.0

// The rows of one segment that share a value: a sorted list, and a bit for each row of the segment
// beside it when they are many. Rows of a segment fit 16 bits, so the bits are 8 KiB at most.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "roaring/roaring.hh"

namespace tandem::catalog {

// Above this many rows, of 65,536, the bits take no more than the list again. Postings have many
// lists: theirs have bits only then. Columns have few, and their sets are asked most.
inline constexpr size_t kDenseRows = 4096;
inline constexpr size_t kDenseColumnRows = 2048;

// One bit a row.
class RowBits {
 public:
  // Of rows below `row_count`, in any order.
  RowBits(absl::Span<const uint16_t> rows, size_t row_count) : words_((row_count + 63) / 64) {
    Add(rows);
  }
  void Add(absl::Span<const uint16_t> rows) {
    for (uint16_t row : rows) words_[row / 64] |= uint64_t{1} << (row % 64);
  }
  // `row` below the row count.
  bool Contains(uint32_t row) const { return ((words_[row / 64] >> (row % 64)) & 1U) != 0; }
  // Rows in both; both are of one segment.
  size_t CountCommon(const RowBits& other) const {
    size_t count = 0;
    const size_t size = std::min(words_.size(), other.words_.size());
    for (size_t i = 0; i < size; ++i) {
      count += static_cast<size_t>(std::popcount(words_[i] & other.words_[i]));
    }
    return count;
  }
  size_t MemoryBytes() const { return sizeof(*this) + words_.capacity() * sizeof(uint64_t); }

 private:
  std::vector<uint64_t> words_;
};

// Borrowed: valid as long as the view it came from. Immutable, so any number of threads may read
// it.
class RowSet {
 public:
  RowSet() = default;
  // `rows` ascending. `bits` holds the same rows, or is null.
  RowSet(absl::Span<const uint16_t> rows, const RowBits* bits) : rows_(rows), bits_(bits) {}

  size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  // All rows, ascending. Present beside bits too.
  absl::Span<const uint16_t> rows() const { return rows_; }
  // The same as bits when there are many rows, else null.
  const RowBits* bits() const { return bits_; }

  // `row` below the segment's row count.
  bool Contains(uint32_t row) const {
    if (bits_ != nullptr) return bits_->Contains(row);
    // At once when the set has all rows.
    if (row < rows_.size() && rows_[row] == row) return true;
    return std::binary_search(rows_.begin(), rows_.end(), row);
  }

  // Leaves those of `rows` that are in the set. Where rows ascend, as they mostly do, the search
  // goes on from the one before, in steps that double.
  void Keep(std::vector<uint16_t>* rows) const {
    if (bits_ != nullptr) {
      std::erase_if(*rows, [this](uint16_t row) { return !bits_->Contains(row); });
      return;
    }
    if (!std::is_sorted(rows->begin(), rows->end())) {
      std::erase_if(*rows, [this](uint16_t row) { return !Contains(row); });
      return;
    }
    const uint16_t* from = rows_.data();
    const uint16_t* const end = from + rows_.size();
    std::erase_if(*rows, [&from, end](uint16_t row) {
      ptrdiff_t step = 1;
      while (end - from > step && from[step] < row) {
        from += step;
        step *= 2;
      }
      from = std::lower_bound(from, from + std::min(step + 1, end - from), row);
      return from == end || *from != row;
    });
  }

  // Adds the rows to `out`.
  void AddTo(Roaring* out) const {
    if (rows_.size() <= 16) {
      for (uint16_t row : rows_) out->add(row);
      return;
    }
    const std::vector<uint32_t> wide(rows_.begin(), rows_.end());
    out->addMany(wide.size(), wide.data());
  }

 private:
  absl::Span<const uint16_t> rows_;
  const RowBits* bits_ = nullptr;
};

}  // namespace tandem::catalog
