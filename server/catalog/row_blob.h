// SPDX-License-Identifier: Apache-2.0

// The indexed values of one record version. Two forms: RowItems as they come out of the record's
// bytes, and RowBlob, one block of memory that an open segment keeps and readers look into.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/indexed_fields.h"
#include "catalog/text_terms.h"

namespace tandem::catalog {

// One value of one field. Text points into the record's bytes or into RowItems::scratch.
struct RowItem {
  FieldId field;
  int64_t integer = 0;
  std::string_view text;
};

// Values in the order of the record. For a single-valued field the last one counts. Reused from
// record to record; views are valid until the next one.
struct RowItems {
  std::vector<RowItem> items;
  // Texts that are not a part of the record's bytes, such as map entries.
  std::vector<std::unique_ptr<std::string>> scratch;
  // What the record can be found by; empty for types that are not searched.
  TermList terms;

  void Clear() {
    items.clear();
    scratch.clear();
    terms.Clear();
  }
};

// Immutable; copies share the block. Fields below kFirstBodyField are not in it.
class RowBlob {
 public:
  RowBlob() = default;
  // Packs `items` of a record of `table`.
  RowBlob(const FieldTable& table, const RowItems& items);

  bool empty() const { return data_ == nullptr; }
  size_t size_bytes() const { return size_; }
  // What the record can be found by, a TermBlock.
  std::string_view terms() const { return {data_.get() + terms_begin_, size_ - terms_begin_}; }

  // Number of values of the field; 0 or 1 for single-valued fields.
  uint32_t Size(const IndexedField& field) const {
    uint32_t begin = Start(field.id), bytes = Start(field.id + 1) - begin;
    if (!field.is_text()) return bytes / sizeof(int64_t);
    if (!field.repeated) return bytes == 0 ? 0 : 1;
    return bytes == 0 ? 0 : Load<uint32_t>(begin);
  }
  int64_t Integer(const IndexedField& field, uint32_t i) const {
    return Load<int64_t>(Start(field.id) + i * sizeof(int64_t));
  }
  std::string_view Text(const IndexedField& field, uint32_t i) const {
    uint32_t begin = Start(field.id), end = Start(field.id + 1);
    if (!field.repeated) return {data_.get() + begin, end - begin};
    // Count, then the end of each text counted from the first, then the texts.
    uint32_t count = Load<uint32_t>(begin);
    uint32_t ends = begin + sizeof(uint32_t);
    uint32_t chars = ends + count * sizeof(uint32_t);
    uint32_t from = i == 0 ? 0 : Load<uint32_t>(ends + (i - 1) * sizeof(uint32_t));
    return {data_.get() + chars + from, Load<uint32_t>(ends + i * sizeof(uint32_t)) - from};
  }

 private:
  template <typename T>
  T Load(size_t at) const {
    T value;
    std::memcpy(&value, data_.get() + at, sizeof(value));
    return value;
  }
  uint32_t Start(size_t field) const {
    return Load<uint32_t>((field - kFirstBodyField) * sizeof(uint32_t));
  }

  // Where each field's bytes begin (one more for the end), then the bytes, then the terms.
  std::shared_ptr<const char[]> data_;
  size_t size_ = 0;
  size_t terms_begin_ = 0;
};

}  // namespace tandem::catalog
