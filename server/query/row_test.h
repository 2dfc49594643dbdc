// SPDX-License-Identifier: Apache-2.0

// A condition turned into a test on the rows of one segment: whether a row fits, at most how many
// rows do, and, where columns know it, which ones. The planner builds a tree of these for each
// segment of a query.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"

namespace tandem::query {

// Immutable; borrows from the view and the condition it was planned from.
class RowTest {
 public:
  virtual ~RowTest() = default;
  RowTest(const RowTest&) = delete;
  RowTest& operator=(const RowTest&) = delete;

  virtual bool Matches(uint32_t row) const = 0;
  // Leaves those of `rows`, all of the segment and in any order, that fit: cheaper than asking row
  // by row.
  virtual void Keep(std::vector<uint16_t>* rows) const {
    std::erase_if(*rows, [this](uint16_t row) { return !Matches(row); });
  }

  // At most this many rows fit.
  uint32_t bound() const { return bound_; }
  // About how many do, when conditions are independent of each other.
  double estimate() const { return estimate_; }
  // Whether rows() is known.
  bool has_rows() const { return has_rows_; }
  // Lists that hold every row that fits, perhaps others and perhaps a row twice; bound() rows in
  // all.
  const std::vector<absl::Span<const uint16_t>>& rows() const { return rows_; }

 protected:
  // Only a bound is known.
  RowTest(uint32_t bound, double estimate) : bound_(bound), estimate_(estimate) {}
  // The rows are known; `estimate` only when it is less than their number.
  explicit RowTest(std::vector<absl::Span<const uint16_t>> rows)
      : bound_(Count(rows)), estimate_(bound_), has_rows_(true), rows_(std::move(rows)) {}
  RowTest(std::vector<absl::Span<const uint16_t>> rows, double estimate)
      : bound_(Count(rows)), estimate_(estimate), has_rows_(true), rows_(std::move(rows)) {}

 private:
  static uint32_t Count(const std::vector<absl::Span<const uint16_t>>& rows) {
    size_t count = 0;
    for (absl::Span<const uint16_t> part : rows) count += part.size();
    return static_cast<uint32_t>(count);
  }

  uint32_t bound_;
  double estimate_;
  bool has_rows_ = false;
  std::vector<absl::Span<const uint16_t>> rows_;
};

}  // namespace tandem::query
