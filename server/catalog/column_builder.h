// SPDX-License-Identifier: Apache-2.0

// Builds one Column from values in row order. Used when a segment is sealed, merged or loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "catalog/column.h"
#include "catalog/indexed_fields.h"

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

  // The same in two steps, for who adds a value to many rows: the number of a value in this
  // builder, and adding it to the current row.
  Code Intern(int64_t value);
  Code Intern(std::string_view value);
  void AddCode(Code code);

  std::unique_ptr<const Column> Finish();

 private:
  // Open addressing; `code` is the code plus one, 0 is free.
  struct Slot {
    uint32_t hash = 0;
    Code code = 0;
  };
  size_t distinct() const { return text_ ? texts_.size() : integers_.size(); }
  // The code of the value that `is_value` knows, or else of the next value; the caller appends it.
  template <typename IsValue>
  Code FindOrAdd(uint32_t hash, IsValue&& is_value);
  void Reserve(size_t slots);
  // Keeps a copy of the text.
  std::string_view Keep(std::string_view text);
  // Gives the distinct values their final codes and moves them to `column`; returns old code → new
  // code.
  std::vector<Code> SortValues(Column* column);
  void Invert(absl::Span<const Code> codes, absl::Span<const uint32_t> ends, Column* column);

  bool text_;
  bool repeated_;
  bool invert_only_;
  // Distinct values in the order they came.
  std::vector<int64_t> integers_;
  std::vector<std::string_view> texts_;
  // By value; empty as long as each new value was the greatest, which names and times often are.
  std::vector<Slot> slots_;
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
