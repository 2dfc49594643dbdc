// SPDX-License-Identifier: Apache-2.0

#include "plugin/column_set.h"

#include <cstring>
#include <limits>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "xxhash.h"

namespace tandem::plugin {
namespace {

constexpr uint64_t kMaxOffset = std::numeric_limits<uint32_t>::max();

uint64_t Align64(uint64_t n) { return (n + 63) & ~uint64_t{63}; }

absl::Status Invalid(std::string_view what) {
  return model::MakeError(model::Reason::kFieldInvalid, StrCat("column: ", what));
}

bool IsNull(Column::Valid valid, size_t i) { return !valid.empty() && valid[i] == 0; }

// Concatenated texts with their offsets.
struct TextBlock {
  std::vector<uint32_t> offsets;
  std::string bytes;
};

absl::StatusOr<TextBlock> Concatenate(absl::Span<const std::string> texts, Column::Valid valid) {
  TextBlock block;
  block.offsets.reserve(texts.size() + 1);
  block.offsets.push_back(0);
  for (size_t i = 0; i < texts.size(); ++i) {
    if (!IsNull(valid, i)) block.bytes += texts[i];
    if (block.bytes.size() > kMaxOffset) return Invalid("more than 4 GiB of text");
    block.offsets.push_back(static_cast<uint32_t>(block.bytes.size()));
  }
  return block;
}

}  // namespace

std::string_view ColumnTypeName(ColumnType type) {
  switch (type) {
    case ColumnType::kF64:
      return "f64";
    case ColumnType::kI64:
      return "i64";
    case ColumnType::kCode32:
      return "code32";
    case ColumnType::kBool8:
      return "bool8";
    case ColumnType::kUtf8:
      return "utf8";
    case ColumnType::kCodeList:
      return "codelist";
  }
  return "";
}

// Borrowed inputs of Build; absent parts are null.
struct Column::Parts {
  ColumnType type = ColumnType::kF64;
  uint64_t length = 0;
  const void* values = nullptr;
  uint64_t values_bytes = 0;
  uint64_t cell_bytes = 0;            // bytes a cell for types whose null cells are zeroed, else 0
  const uint32_t* offsets = nullptr;  // length + 1
  const TextBlock* dict = nullptr;
};

absl::StatusOr<Column::Ptr> Column::Build(const Parts& parts, Valid valid) {
  if (!valid.empty() && valid.size() != parts.length) return Invalid("validity of another length");
  auto column = std::make_shared<Column>();
  ColumnLayout& at = column->layout_;
  at.type = parts.type;
  at.length = parts.length;
  at.values_bytes = parts.values_bytes;
  uint64_t end = 0;
  auto place = [&end](uint64_t bytes) {
    uint64_t start = end;
    end = Align64(end + bytes);
    return start;
  };
  at.values = place(parts.values_bytes);
  at.has_validity = !valid.empty();
  if (at.has_validity) at.validity = place((parts.length + 7) / 8);
  if (parts.offsets != nullptr) at.offsets = place(4 * (parts.length + 1));
  if (parts.dict != nullptr) {
    at.dict_length = parts.dict->offsets.size() - 1;
    at.dict_offsets = place(4 * parts.dict->offsets.size());
    at.dict_bytes = place(parts.dict->bytes.size());
  }

  ASSIGN_OR_RETURN(SegmentWriter writer, SegmentWriter::Create("tandem-column", end));
  char* out = writer.data();
  auto copy = [out](uint64_t to, const void* from, uint64_t bytes) {
    if (bytes > 0) std::memcpy(out + to, from, bytes);
  };
  copy(at.values, parts.values, parts.values_bytes);
  for (uint64_t i = 0; at.has_validity && i < parts.length; ++i) {
    if (valid[i] != 0) {
      out[at.validity + i / 8] = static_cast<char>(out[at.validity + i / 8] | (1 << (i % 8)));
    } else if (parts.cell_bytes > 0) {
      std::memset(out + at.values + i * parts.cell_bytes, 0, parts.cell_bytes);
    }
  }
  if (parts.offsets != nullptr) copy(at.offsets, parts.offsets, 4 * (parts.length + 1));
  if (parts.dict != nullptr) {
    copy(at.dict_offsets, parts.dict->offsets.data(), 4 * parts.dict->offsets.size());
    copy(at.dict_bytes, parts.dict->bytes.data(), parts.dict->bytes.size());
  }
  // The type and length take part: zero columns of different types are different columns.
  XXH128_hash_t digest =
      XXH3_128bits_withSeed(out, end, (parts.length << 8) | static_cast<uint64_t>(parts.type));
  column->digest_ = {digest.low64, digest.high64};
  ASSIGN_OR_RETURN(column->segment_, std::move(writer).Seal());
  return Ptr(std::move(column));
}

absl::StatusOr<Column::Ptr> Column::F64(absl::Span<const double> cells, Valid valid) {
  Parts parts;
  parts.type = ColumnType::kF64;
  parts.length = cells.size();
  parts.values = cells.data();
  parts.cell_bytes = sizeof(double);
  parts.values_bytes = cells.size() * sizeof(double);
  return Build(parts, valid);
}

absl::StatusOr<Column::Ptr> Column::I64(absl::Span<const int64_t> cells, Valid valid) {
  Parts parts;
  parts.type = ColumnType::kI64;
  parts.length = cells.size();
  parts.values = cells.data();
  parts.cell_bytes = sizeof(int64_t);
  parts.values_bytes = cells.size() * sizeof(int64_t);
  return Build(parts, valid);
}

absl::StatusOr<Column::Ptr> Column::Bool8(absl::Span<const uint8_t> cells, Valid valid) {
  for (uint8_t cell : cells) {
    if (cell > 1) return Invalid("a flag that is neither 0 nor 1");
  }
  Parts parts;
  parts.type = ColumnType::kBool8;
  parts.length = cells.size();
  parts.values = cells.data();
  parts.cell_bytes = 1;
  parts.values_bytes = cells.size();
  return Build(parts, valid);
}

absl::StatusOr<Column::Ptr> Column::Code32(absl::Span<const uint32_t> codes,
                                           absl::Span<const std::string> dict, Valid valid) {
  if (!valid.empty() && valid.size() != codes.size()) return Invalid("validity of another length");
  for (size_t i = 0; i < codes.size(); ++i) {
    if (!IsNull(valid, i) && codes[i] >= dict.size())
      return Invalid("a code beyond the dictionary");
  }
  ASSIGN_OR_RETURN(TextBlock block, Concatenate(dict, {}));
  Parts parts;
  parts.type = ColumnType::kCode32;
  parts.length = codes.size();
  parts.values = codes.data();
  parts.cell_bytes = sizeof(uint32_t);
  parts.values_bytes = codes.size() * sizeof(uint32_t);
  parts.dict = &block;
  return Build(parts, valid);
}

absl::StatusOr<Column::Ptr> Column::CodeList(absl::Span<const uint32_t> offsets,
                                             absl::Span<const uint32_t> codes,
                                             absl::Span<const std::string> dict, Valid valid) {
  if (offsets.empty() || offsets[0] != 0 || offsets.back() != codes.size()) {
    return Invalid("offsets that do not span the codes");
  }
  const size_t length = offsets.size() - 1;
  if (!valid.empty() && valid.size() != length) return Invalid("validity of another length");
  for (size_t i = 0; i < length; ++i) {
    if (offsets[i] > offsets[i + 1]) return Invalid("offsets that do not ascend");
    if (IsNull(valid, i) && offsets[i] != offsets[i + 1]) return Invalid("a null cell with codes");
  }
  for (uint32_t code : codes) {
    if (code >= dict.size()) return Invalid("a code beyond the dictionary");
  }
  ASSIGN_OR_RETURN(TextBlock block, Concatenate(dict, {}));
  Parts parts;
  parts.type = ColumnType::kCodeList;
  parts.length = length;
  parts.values = codes.data();
  parts.values_bytes = codes.size() * sizeof(uint32_t);
  parts.offsets = offsets.data();
  parts.dict = &block;
  return Build(parts, valid);
}

absl::StatusOr<Column::Ptr> Column::Utf8(absl::Span<const std::string> cells, Valid valid) {
  if (!valid.empty() && valid.size() != cells.size()) return Invalid("validity of another length");
  ASSIGN_OR_RETURN(TextBlock block, Concatenate(cells, valid));
  Parts parts;
  parts.type = ColumnType::kUtf8;
  parts.length = cells.size();
  parts.values = block.bytes.data();
  parts.values_bytes = block.bytes.size();
  parts.offsets = block.offsets.data();
  return Build(parts, valid);
}

absl::Status ColumnSet::Add(std::string name, Column::Ptr column) {
  if (column->layout().length != rows_) {
    return Invalid(
        StrCat(name, " has ", column->layout().length, " cells, the table has ", rows_, " rows"));
  }
  if (name.empty() || Find(name) != nullptr) {
    return Invalid(StrCat("name '", name, "' is empty or taken"));
  }
  columns_.emplace_back(std::move(name), std::move(column));
  return absl::OkStatus();
}

Column::Ptr ColumnSet::Find(std::string_view name) const {
  for (const auto& [own, column] : columns_) {
    if (own == name) return column;
  }
  return nullptr;
}

absl::StatusOr<PairSet::Ptr> PairSet::Make(uint64_t n_offers, absl::Span<const uint64_t> row_start,
                                           absl::Span<const uint32_t> offer) {
  if (row_start.empty() || row_start[0] != 0 || row_start.back() != offer.size()) {
    return Invalid("row starts that do not span the pairs");
  }
  for (size_t need = 0; need + 1 < row_start.size(); ++need) {
    if (row_start[need] > row_start[need + 1]) return Invalid("row starts that do not ascend");
    for (uint64_t p = row_start[need]; p < row_start[need + 1]; ++p) {
      if (p >= offer.size() || offer[p] >= n_offers ||
          (p > row_start[need] && offer[p] <= offer[p - 1])) {
        return Invalid("pairs of a need that do not ascend or name no offer");
      }
    }
  }
  auto pairs = std::make_shared<PairSet>();
  pairs->n_needs_ = row_start.size() - 1;
  pairs->n_offers_ = n_offers;
  pairs->n_pairs_ = offer.size();
  pairs->offer_at_ = Align64(row_start.size() * sizeof(uint64_t));
  ASSIGN_OR_RETURN(
      SegmentWriter writer,
      SegmentWriter::Create("tandem-pairs", pairs->offer_at_ + Align64(4 * offer.size())));
  std::memcpy(writer.data(), row_start.data(), row_start.size() * sizeof(uint64_t));
  if (!offer.empty()) {
    std::memcpy(writer.data() + pairs->offer_at_, offer.data(), offer.size() * sizeof(uint32_t));
  }
  ASSIGN_OR_RETURN(pairs->segment_, std::move(writer).Seal());
  return Ptr(std::move(pairs));
}

absl::Span<const uint64_t> PairSet::row_start() const {
  return {reinterpret_cast<const uint64_t*>(segment_->data()), n_needs_ + 1};
}

absl::Span<const uint32_t> PairSet::offer() const {
  return {reinterpret_cast<const uint32_t*>(segment_->data() + offer_at_), n_pairs_};
}

}  // namespace tandem::plugin
