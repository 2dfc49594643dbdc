// SPDX-License-Identifier: Apache-2.0

// The segment that takes new rows. Keeps each row as one block and answers row by row.
#pragma once

#include <memory>
#include <string>

#include "catalog/id_table.h"
#include "catalog/open_postings.h"
#include "catalog/row_blob.h"
#include "catalog/segment.h"
#include "catalog/text_open.h"

namespace tandem::catalog {

// One writer; readers see the rows below the count their view was given.
class OpenSegment final : public Segment {
 public:
  OpenSegment(const FieldTable& table, uint32_t capacity);
  ~OpenSegment() override;

  // Writer: appends a row. There must be room.
  void Append(std::string_view id, const RowHeader& header, RowBlob values);
  uint32_t row_count() const { return row_count_; }
  bool full() const { return row_count_ == life().capacity(); }

  std::string_view id(uint32_t row) const override;
  RowHeader header(uint32_t row) const override { return rows_[row]->header; }
  bool deleted(uint32_t row) const override { return rows_[row]->header.delete_time_ns != 0; }
  std::optional<int64_t> Integer(FieldId field, uint32_t row) const override;
  std::optional<std::string_view> Text(FieldId field, uint32_t row) const override;
  uint32_t ListSize(FieldId field, uint32_t row) const override;
  int64_t ListInteger(FieldId field, uint32_t row, uint32_t i) const override;
  std::string_view ListText(FieldId field, uint32_t row, uint32_t i) const override;
  std::optional<uint32_t> FindRow(std::string_view id, uint64_t id_hash,
                                  store::Revision revision) const override;
  std::string_view terms(uint32_t row) const override { return rows_[row]->values.terms(); }
  std::vector<uint16_t> RowsWithTerm(const TermQuery& query, uint32_t row_count) const override;
  const OpenPostings* value_postings() const override { return &postings_; }
  void Prefetch(uint64_t id_hash) const override { ids_.Prefetch(id_hash); }
  size_t MemoryBytes() const override;

 private:
  struct Row {
    std::string name;
    RowHeader header;
    RowBlob values;
  };
  const size_t prefix_size_;
  // Owned; freed with the segment.
  LazyArray<Row*> rows_;
  IdTable ids_;
  OpenPostings postings_;
  // Null for types that are not searched.
  std::unique_ptr<OpenTerms> terms_;
  // The writer's; readers have their view's.
  uint32_t row_count_ = 0;
};

}  // namespace tandem::catalog
