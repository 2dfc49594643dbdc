// SPDX-License-Identifier: Apache-2.0

// One stored version of a record as a segment of one row, so that the conditions that lists
// evaluate on the catalog can be asked of a version that is in no view: the one before a change, or
// one of last week.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/row_blob.h"
#include "catalog/segment.h"
#include "catalog/view.h"
#include "model/record_type.h"
#include "query/condition.h"

namespace tandem::query {

// Immutable. Holds copies of the values that can be asked for, not the record.
class VersionRow final : public catalog::Segment {
 public:
  // Reads a version's wire form; `body_size` of it lie before the server's tail. RECORD_CORRUPT.
  static absl::StatusOr<std::unique_ptr<const VersionRow>> Read(model::RecordType type,
                                                                std::string_view id,
                                                                std::string_view bytes,
                                                                size_t body_size);

  // Whether the version fits. Trees are the view's.
  bool Fits(const Condition& condition, const catalog::View& view) const;

  std::string_view id(uint32_t row) const override;
  catalog::RowHeader header(uint32_t /*row*/) const override { return header_; }
  bool deleted(uint32_t /*row*/) const override { return header_.delete_time_ns != 0; }
  std::optional<int64_t> Integer(catalog::FieldId field, uint32_t row) const override;
  std::optional<std::string_view> Text(catalog::FieldId field, uint32_t row) const override;
  uint32_t ListSize(catalog::FieldId field, uint32_t row) const override;
  int64_t ListInteger(catalog::FieldId field, uint32_t row, uint32_t i) const override;
  std::string_view ListText(catalog::FieldId field, uint32_t row, uint32_t i) const override;
  std::string_view terms(uint32_t /*row*/) const override { return values_.terms(); }
  std::optional<uint32_t> FindRow(std::string_view id, uint64_t id_hash,
                                  store::Revision revision) const override;
  void Prefetch(uint64_t /*id_hash*/) const override {}
  size_t MemoryBytes() const override { return name_.size() + values_.size_bytes(); }

 private:
  VersionRow(const catalog::FieldTable& table, std::string_view id, catalog::RowHeader header,
             catalog::RowBlob values);

  const size_t prefix_size_;
  const std::string name_;
  const catalog::RowHeader header_;
  const catalog::RowBlob values_;
};

}  // namespace tandem::query
