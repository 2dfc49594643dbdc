// SPDX-License-Identifier: Apache-2.0

// One field of one sealed segment. The distinct values are sorted; a value's code is its rank. That
// one idea serves every reader: comparing codes compares values, a range of values is a range of
// codes, the rows of a code stand together in the inverted list, and for single-valued fields that
// list is the segment's sort order. A column whose rows all have the same value keeps no arrays at
// all.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "catalog/row_set.h"
#include "roaring/roaring.hh"

namespace tandem::catalog {

// Rank of a value among the distinct values of one column of one segment.
using Code = uint32_t;

// An array of codes in as few bytes as the largest code needs. Immutable once built.
class CodeArray {
 public:
  CodeArray() = default;
  // Packs `codes`, all <= `largest`. When `constant`, every code is equal to the first.
  CodeArray(absl::Span<const Code> codes, Code largest, bool constant);
  Code operator[](size_t i) const {
    switch (width_) {
      case 0:
        return constant_;
      case 1:
        return bytes_[i];
      case 2:
        return words_[i];
      default:
        return wide_[i];
    }
  }
  size_t MemoryBytes() const;

 private:
  int width_ = 0;
  Code constant_ = 0;
  std::vector<uint8_t> bytes_;
  std::vector<uint16_t> words_;
  std::vector<uint32_t> wide_;
};

// Immutable after building; safe for any number of readers. Text views are valid as long as the
// column.
class Column {
 public:
  // Distinct values. Codes 0 .. distinct() - 1 are in value order: integers ascending, text by code
  // point.
  size_t distinct() const { return distinct_; }
  bool is_text() const { return is_text_; }
  bool repeated() const { return repeated_; }
  size_t row_count() const { return row_count_; }

  // Value of a code < distinct(). Only the one that is_text() tells.
  int64_t integer_value(Code code) const { return integers_[code]; }
  std::string_view text_value(Code code) const {
    size_t begin = code == 0 ? 0 : text_ends_[code - 1];
    return std::string_view(chars_).substr(begin, text_ends_[code] - begin);
  }

  // The code of a value; nullopt when no row has it.
  std::optional<Code> FindCode(int64_t value) const;
  std::optional<Code> FindCode(std::string_view value) const;
  // The first code whose value is >= / > the given one; distinct() when none.
  Code LowerBound(int64_t value) const;
  Code UpperBound(int64_t value) const;
  Code LowerBound(std::string_view value) const;
  Code UpperBound(std::string_view value) const;
  // The codes [first, second) of the texts that begin with `prefix`.
  std::pair<Code, Code> PrefixRange(std::string_view prefix) const;

  // Single-valued columns: the row's code, or distinct() when the row has no value.
  Code code(uint32_t row) const { return codes_[row]; }
  // Repeated columns: the row's values in the record's order.
  uint32_t list_size(uint32_t row) const {
    return list_ends_.empty() ? 0 : list_ends_[row] - (row == 0 ? 0 : list_ends_[row - 1]);
  }
  Code list_code(uint32_t row, uint32_t i) const {
    return codes_[(row == 0 ? 0 : list_ends_[row - 1]) + i];
  }

  // The rows with that value. `code` distinct(): rows without a value.
  RowSet Rows(Code code) const;
  // Adds the rows whose value's code is in [begin, end) to `out`.
  void AddRows(Code begin, Code end, Roaring* out) const;
  // Single-valued columns: all rows by (value, row), those without a value last.
  absl::Span<const uint16_t> order() const { return inverted_; }

  // Bytes this column occupies.
  size_t MemoryBytes() const;

 private:
  friend class ColumnBuilder;
  Column() = default;

  bool is_text_ = false;
  bool repeated_ = false;
  size_t row_count_ = 0;
  size_t distinct_ = 0;
  std::vector<int64_t> integers_;
  std::string chars_;
  std::vector<uint32_t> text_ends_;
  CodeArray codes_;
  std::vector<uint32_t> list_ends_;
  // Rows by (code, row); starts_[code] is where a code's rows begin, starts_[distinct_] where the
  // rows without a value do. Empty starts_ means one row a code in this order.
  std::vector<uint16_t> inverted_;
  std::vector<uint32_t> starts_;
  absl::flat_hash_map<Code, std::unique_ptr<const RowBits>> dense_;
};

}  // namespace tandem::catalog
