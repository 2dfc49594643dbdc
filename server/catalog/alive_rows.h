// SPDX-License-Identifier: Apache-2.0

// Which rows of a segment are some record's current version at a view's revision, soft-deleted ones
// included.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

namespace tandem::catalog {

// Immutable and cheap to copy. `All` holds while no row died.
class AliveRows {
 public:
  // Every row below `row_count`.
  explicit AliveRows(uint32_t row_count) : row_count_(row_count), count_(row_count) {}
  AliveRows(uint32_t row_count, uint32_t count, std::shared_ptr<const std::vector<uint64_t>> words)
      : row_count_(row_count), count_(count), words_(std::move(words)) {}

  // Rows of the segment at this view, alive or not; rows are 0 .. row_count() - 1.
  uint32_t row_count() const { return row_count_; }
  // Alive rows.
  uint32_t count() const { return count_; }
  bool all() const { return words_ == nullptr; }
  bool Contains(uint32_t row) const {
    if (row >= row_count_) return false;
    return words_ == nullptr || (((*words_)[row / 64] >> (row % 64)) & 1U) != 0;
  }
  // One bit a row, null when all(). Bits at and above row_count() may be set.
  const std::vector<uint64_t>* words() const { return words_.get(); }

  // Calls visit(row) for each alive row, ascending.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    for (uint32_t row = 0; row < row_count_; ++row) {
      if (Contains(row)) visit(row);
    }
  }

 private:
  uint32_t row_count_;
  uint32_t count_;
  std::shared_ptr<const std::vector<uint64_t>> words_;
};

}  // namespace tandem::catalog
