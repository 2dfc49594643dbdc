// SPDX-License-Identifier: Apache-2.0

// The rows of one segment that share a value: a sorted list while they are few, a roaring bitmap
// when they are many. Rows of a segment fit 16 bits, so a bitmap here is always one container.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "roaring/roaring.hh"

namespace tandem::catalog {

// Borrowed: valid as long as the view it came from. Immutable, so any number of threads may read
// it.
class RowSet {
 public:
  RowSet() = default;
  // `rows` ascending. `bitmap` holds the same rows, or is null.
  RowSet(absl::Span<const uint16_t> rows, const Roaring* bitmap) : rows_(rows), bitmap_(bitmap) {}

  size_t size() const { return rows_.size(); }
  bool empty() const { return rows_.empty(); }
  // All rows, ascending. Present for bitmaps too.
  absl::Span<const uint16_t> rows() const { return rows_; }
  // The same as a bitmap when there are many rows, else null.
  const Roaring* bitmap() const { return bitmap_; }

  bool Contains(uint32_t row) const {
    if (bitmap_ != nullptr) return bitmap_->contains(row);
    return std::binary_search(rows_.begin(), rows_.end(), row);
  }

  // Adds the rows to `out`.
  void AddTo(Roaring* out) const {
    if (bitmap_ != nullptr) {
      *out |= *bitmap_;
      return;
    }
    for (uint16_t row : rows_) out->add(row);
  }

 private:
  absl::Span<const uint16_t> rows_;
  const Roaring* bitmap_ = nullptr;
};

// The rows, ascending, as a bitmap that will not change.
inline std::unique_ptr<const Roaring> BitmapOf(absl::Span<const uint16_t> rows) {
  const std::vector<uint32_t> wide(rows.begin(), rows.end());
  auto bitmap = std::make_unique<Roaring>(wide.size(), wide.data());
  bitmap->runOptimize();
  bitmap->shrinkToFit();
  return bitmap;
}

}  // namespace tandem::catalog
