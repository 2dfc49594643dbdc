// SPDX-License-Identifier: Apache-2.0

// The tables of a problem: named, typed columns, each gathered once into its own sealed segment.
// Because a column is a segment, a plugin host maps exactly the columns its manifest reads, and all
// hosts and runs of one revision share the same memory. Everything here is immutable once made;
// threads: any.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "plugin/segment.h"

namespace tandem::plugin {

// Values as in tandem_plugin.h.
enum class ColumnType : uint32_t {
  kF64 = 1,
  kI64 = 2,
  kCode32 = 3,
  kBool8 = 4,
  kUtf8 = 5,
  kCodeList = 6,
};

// "f64", "i64" …: the names manifests use. Empty for an unknown type.
std::string_view ColumnTypeName(ColumnType type);

// Where the parts of a column lie in its segment, in bytes; 0 for a part it does not have.
struct ColumnLayout {
  ColumnType type = ColumnType::kF64;
  uint64_t length = 0;
  uint64_t values = 0;
  uint64_t values_bytes = 0;
  uint64_t validity = 0;
  bool has_validity = false;
  uint64_t offsets = 0;
  uint64_t dict_length = 0;
  uint64_t dict_offsets = 0;
  uint64_t dict_bytes = 0;
};

// One column. In every factory `valid` has one byte a cell (0: null) or is empty (no nulls); null
// cells are stored as 0 or empty whatever the input holds. Errors: FIELD_INVALID for lengths, codes
// or offsets that do not fit together, LIMIT_EXCEEDED for no memory.
class Column {
 public:
  using Ptr = std::shared_ptr<const Column>;
  using Valid = absl::Span<const uint8_t>;

  static absl::StatusOr<Ptr> F64(absl::Span<const double> cells, Valid valid = {});
  static absl::StatusOr<Ptr> I64(absl::Span<const int64_t> cells, Valid valid = {});
  // `cells` are 0 or 1.
  static absl::StatusOr<Ptr> Bool8(absl::Span<const uint8_t> cells, Valid valid = {});
  // `codes` index `dict`.
  static absl::StatusOr<Ptr> Code32(absl::Span<const uint32_t> codes,
                                    absl::Span<const std::string> dict, Valid valid = {});
  // Cell i holds codes[offsets[i]] … codes[offsets[i+1]-1]; offsets has one entry more than cells.
  static absl::StatusOr<Ptr> CodeList(absl::Span<const uint32_t> offsets,
                                      absl::Span<const uint32_t> codes,
                                      absl::Span<const std::string> dict, Valid valid = {});
  static absl::StatusOr<Ptr> Utf8(absl::Span<const std::string> cells, Valid valid = {});

  const ColumnLayout& layout() const { return layout_; }
  const std::shared_ptr<const Segment>& segment() const { return segment_; }
  // Of type and content: equal digests mean equal columns.
  const std::array<uint64_t, 2>& digest() const { return digest_; }

 private:
  struct Parts;
  static absl::StatusOr<Ptr> Build(const Parts& parts, Valid valid);

  ColumnLayout layout_;
  std::shared_ptr<const Segment> segment_;
  std::array<uint64_t, 2> digest_{};
};

// A table: columns of one length by name, for example "region.sector_index_permille".
class ColumnSet {
 public:
  explicit ColumnSet(uint64_t rows) : rows_(rows) {}
  // FIELD_INVALID when the length is not rows() or the name is taken. Only before the set is
  // shared.
  absl::Status Add(std::string name, Column::Ptr column);
  uint64_t rows() const { return rows_; }
  // nullptr when absent.
  Column::Ptr Find(std::string_view name) const;
  // In the order they were added.
  const std::vector<std::pair<std::string, Column::Ptr>>& columns() const { return columns_; }

 private:
  uint64_t rows_;
  std::vector<std::pair<std::string, Column::Ptr>> columns_;
};

// Candidate pairs compressed by need, in a sealed segment.
class PairSet {
 public:
  using Ptr = std::shared_ptr<const PairSet>;
  // row_start has one entry more than needs; offers ascend strictly inside a need and are below
  // n_offers. FIELD_INVALID when not.
  static absl::StatusOr<Ptr> Make(uint64_t n_offers, absl::Span<const uint64_t> row_start,
                                  absl::Span<const uint32_t> offer);
  uint64_t n_needs() const { return n_needs_; }
  uint64_t n_offers() const { return n_offers_; }
  uint64_t n_pairs() const { return n_pairs_; }
  absl::Span<const uint64_t> row_start() const;
  absl::Span<const uint32_t> offer() const;
  // Byte offset of offer() in the segment; row_start() is at 0.
  uint64_t offer_at() const { return offer_at_; }
  const std::shared_ptr<const Segment>& segment() const { return segment_; }

 private:
  uint64_t n_needs_ = 0, n_offers_ = 0, n_pairs_ = 0, offer_at_ = 0;
  std::shared_ptr<const Segment> segment_;
};

}  // namespace tandem::plugin
