// SPDX-License-Identifier: Apache-2.0

// A stretch of rows of one record type. A row is one version of one record; an update appends a row
// and stamps the old one dead. An open segment takes rows; a full one is rebuilt in the background
// as a sealed one with columns. Both answer the row-by-row questions; only sealed ones have
// columns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/alive_rows.h"
#include "catalog/column.h"
#include "catalog/indexed_fields.h"
#include "catalog/row_life.h"
#include "catalog/text_postings.h"
#include "store/log.h"

namespace tandem::catalog {

class OpenPostings;

// What the catalog knows of a version beside its body.
struct RowHeader {
  store::Revision revision = 0;
  int64_t create_time_ns = 0;
  int64_t update_time_ns = 0;
  // 0 for a live record.
  int64_t delete_time_ns = 0;
  int64_t purge_time_ns = 0;
  // XXH3 of the body, to notice writes that change nothing.
  uint64_t body_hash = 0;
};

// Safe for any number of readers beside the one writer.
class Segment {
 public:
  virtual ~Segment() = default;

  // Whether columns and row sets exist.
  bool sealed() const { return sealed_; }
  const FieldTable& table() const { return table_; }

  // The record's id and version facts. `row` must be below the view's row count of this segment.
  virtual std::string_view id(uint32_t row) const = 0;
  virtual RowHeader header(uint32_t row) const = 0;
  store::Revision revision(uint32_t row) const { return life_->born_at(row); }
  // Soft-deleted.
  virtual bool deleted(uint32_t row) const = 0;

  // Single-valued fields: the row's value; nullopt when it has none.
  virtual std::optional<int64_t> Integer(FieldId field, uint32_t row) const = 0;
  virtual std::optional<std::string_view> Text(FieldId field, uint32_t row) const = 0;
  // Repeated fields: number of values and the i-th, in the record's order.
  virtual uint32_t ListSize(FieldId field, uint32_t row) const = 0;
  virtual int64_t ListInteger(FieldId field, uint32_t row, uint32_t i) const = 0;
  virtual std::string_view ListText(FieldId field, uint32_t row, uint32_t i) const = 0;

  // Sealed segments: the field's column. Null for open ones.
  virtual const Column* column(FieldId) const { return nullptr; }
  // Sealed segments: for a tree field, rows by ancestor-or-self, when computed for that version of
  // the tree.
  virtual const Column* closure(FieldId, int64_t /*tree_version*/) const { return nullptr; }
  // Sealed segments: which rows have which term; null for open ones.
  virtual const TextPostings* postings() const { return nullptr; }
  // Open segments: the row's terms, a TermBlock. Empty for sealed ones.
  virtual std::string_view terms(uint32_t /*row*/) const { return {}; }
  // Open segments: the rows below `row_count` that have what is asked for, ascending. Sealed ones
  // have postings.
  virtual std::vector<uint16_t> RowsWithTerm(const TermQuery& /*query*/,
                                             uint32_t /*row_count*/) const {
    return {};
  }
  // Sealed segments: soft-deleted rows.
  virtual const Roaring* deleted_rows() const { return nullptr; }

  // Open segments: who has which value. Null for sealed ones.
  virtual const OpenPostings* value_postings() const { return nullptr; }

  // Rows with this id, visible at `revision`; nullopt when none.
  virtual std::optional<uint32_t> FindRow(std::string_view id, uint64_t id_hash,
                                          store::Revision revision) const = 0;
  // Brings the memory FindRow will look at closer.
  virtual void Prefetch(uint64_t id_hash) const = 0;

  // Birth and death of the rows.
  RowLife& life() const { return *life_; }
  const std::shared_ptr<RowLife>& shared_life() const { return life_; }
  virtual size_t MemoryBytes() const = 0;

 protected:
  Segment(const FieldTable& table, bool sealed, std::shared_ptr<RowLife> life)
      : table_(table), sealed_(sealed), life_(std::move(life)) {}

 private:
  const FieldTable& table_;
  const bool sealed_;
  // Shared with the segments that only got new closures.
  const std::shared_ptr<RowLife> life_;
};

}  // namespace tandem::catalog
