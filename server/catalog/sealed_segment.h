// SPDX-License-Identifier: Apache-2.0

// A full segment with columns. Immutable but for the stamps of rows that die.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "catalog/column_builder.h"
#include "catalog/column_copier.h"
#include "catalog/id_table.h"
#include "catalog/row_blob.h"
#include "catalog/segment.h"
#include "catalog/tree.h"

namespace tandem::catalog {

// The trees closures are computed with; null for a type whose tree is not there.
struct TreeSet {
  const Tree* regions = nullptr;
  const Tree* categories = nullptr;
  int64_t region_version = 0;
  int64_t category_version = 0;

  const Tree* Of(model::RecordType type) const;
  int64_t VersionOf(model::RecordType type) const;
};

class SealedSegment final : public Segment {
 public:
  // The same rows with closures for other trees. Shares columns and stamps.
  std::shared_ptr<SealedSegment> WithClosures(const TreeSet& trees) const;
  // Whether its closures are those of `trees`' versions.
  bool ClosuresMatch(const TreeSet& trees) const;

  uint32_t row_count() const { return body_->rows; }
  std::string_view id(uint32_t row) const override;
  RowHeader header(uint32_t row) const override;
  bool deleted(uint32_t row) const override { return body_->deleted.contains(row); }
  std::optional<int64_t> Integer(FieldId field, uint32_t row) const override;
  std::optional<std::string_view> Text(FieldId field, uint32_t row) const override;
  uint32_t ListSize(FieldId field, uint32_t row) const override;
  int64_t ListInteger(FieldId field, uint32_t row, uint32_t i) const override;
  std::string_view ListText(FieldId field, uint32_t row, uint32_t i) const override;
  const Column* column(FieldId field) const override { return body_->columns[field].get(); }
  const Column* closure(FieldId field, int64_t tree_version) const override;
  const TextPostings* postings() const override { return body_->postings.get(); }
  const Roaring* deleted_rows() const override { return &body_->deleted; }
  std::optional<uint32_t> FindRow(std::string_view id, uint64_t id_hash,
                                  store::Revision revision) const override;
  void Prefetch(uint64_t id_hash) const override { body_->ids->Prefetch(id_hash); }
  size_t MemoryBytes() const override;

 private:
  friend class SegmentBuilder;
  // What never changes and is shared with segments that only got other closures.
  struct Body {
    uint32_t rows = 0;
    std::vector<std::unique_ptr<const Column>> columns;
    std::vector<uint64_t> body_hashes;
    Roaring deleted;
    std::unique_ptr<IdTable> ids;
    std::unique_ptr<const TextPostings> postings;
  };
  struct Closure {
    int64_t tree_version = -1;
    std::unique_ptr<const Column> column;
  };

  SealedSegment(const FieldTable& table, std::shared_ptr<RowLife> life,
                std::shared_ptr<const Body> body, const TreeSet& trees);

  const size_t prefix_size_;
  const std::shared_ptr<const Body> body_;
  // By FieldId; only tree fields have one.
  std::vector<Closure> closures_;
};

// Collects rows and makes a sealed segment. One thread.
class SegmentBuilder {
 public:
  explicit SegmentBuilder(const FieldTable& table);

  // Appends a row from its record's values, or a copy of another segment's row.
  void Add(std::string_view id, const RowHeader& header, const RowItems& values);
  void Add(const Segment& from, uint32_t row);
  uint32_t row_count() const { return static_cast<uint32_t>(headers_.size()); }

  // The segment; `this` is used up.
  std::shared_ptr<SealedSegment> Finish(const TreeSet& trees);

 private:
  void AddHead(std::string_view id, const RowHeader& header);
  void AddSealed(const Segment& from, uint32_t row);
  void AddOpen(const Segment& from, uint32_t row);
  void EndRow();

  const FieldTable& table_;
  std::vector<ColumnBuilder> columns_;
  std::vector<RowHeader> headers_;
  std::string name_;
  TextPostingsBuilder postings_;
  // The sealed segment the last row came from, and what copies its values and terms.
  const Segment* copied_from_ = nullptr;
  std::vector<ColumnCopier> column_copiers_;
  std::optional<TextPostingsCopier> terms_copier_;
};

}  // namespace tandem::catalog
