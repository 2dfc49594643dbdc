// SPDX-License-Identifier: Apache-2.0

// Builds one Column from values in row order. Used when a segment is sealed, merged or loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/column.h"
#include "catalog/indexed_fields.h"
#include "catalog/text_hash.h"

namespace tandem::catalog {

// One thread. For each row call Add for its values, then EndRow; Finish once at the end.
class ColumnBuilder {
 public:
  // `invert_only`: keep only who has which value, not the values of each row (closures).
  ColumnBuilder(bool text, bool repeated, bool invert_only = false);
  explicit ColumnBuilder(const IndexedField& field)
      : ColumnBuilder(field.is_text(), field.repeated) {}

  // Adds a value to the current row. In a single-valued column a later value replaces the earlier
  // one and empty text is no value. Text is copied.
  void Add(int64_t value);
  void Add(std::string_view value);
  void EndRow();

  std::unique_ptr<const Column> Finish();

 private:
  void AddCode(Code code);
  // Gives the distinct values their final codes and moves them to `column`; returns old code → new
  // code.
  std::vector<Code> SortValues(Column* column);
  void Invert(absl::Span<const Code> codes, absl::Span<const uint32_t> ends, Column* column);

  bool text_;
  bool repeated_;
  bool invert_only_;
  // Distinct values in the order they came.
  absl::flat_hash_map<int64_t, Code> integer_codes_;
  std::vector<int64_t> integers_;
  TextViewMap<Code> text_codes_;
  std::vector<std::string_view> texts_;
  // What texts_ points into; blocks never move.
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_left_ = 0;
  char* block_at_ = nullptr;
  // The value before, which rows of a directory often repeat.
  Code last_code_ = 0;
  bool has_last_ = false;

  std::vector<Code> codes_;
  std::vector<uint32_t> ends_;
  Code row_code_;
  uint32_t rows_ = 0;
};

}  // namespace tandem::catalog
