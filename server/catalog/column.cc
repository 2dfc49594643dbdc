// SPDX-License-Identifier: Apache-2.0

#include "catalog/column.h"

#include <algorithm>

namespace tandem::catalog {

CodeArray::CodeArray(absl::Span<const Code> codes, Code largest, bool constant) {
  if (constant) {
    constant_ = codes.empty() ? 0 : codes.front();
  } else if (largest < 256) {
    width_ = 1;
    bytes_.assign(codes.begin(), codes.end());
  } else if (largest < 65536) {
    width_ = 2;
    words_.assign(codes.begin(), codes.end());
  } else {
    width_ = 4;
    wide_.assign(codes.begin(), codes.end());
  }
}

size_t CodeArray::MemoryBytes() const {
  return bytes_.capacity() + words_.capacity() * sizeof(uint16_t) +
         wide_.capacity() * sizeof(uint32_t);
}

Code Column::LowerBound(int64_t value) const {
  return static_cast<Code>(std::lower_bound(integers_.begin(), integers_.end(), value) -
                           integers_.begin());
}

Code Column::UpperBound(int64_t value) const {
  return static_cast<Code>(std::upper_bound(integers_.begin(), integers_.end(), value) -
                           integers_.begin());
}

Code Column::LowerBound(std::string_view value) const {
  Code low = 0, high = static_cast<Code>(distinct_);
  while (low < high) {
    const Code middle = low + (high - low) / 2;
    if (text_value(middle) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Code Column::UpperBound(std::string_view value) const {
  const Code code = LowerBound(value);
  return code < distinct_ && text_value(code) == value ? code + 1 : code;
}

std::optional<Code> Column::FindCode(int64_t value) const {
  const Code code = LowerBound(value);
  if (code == distinct_ || integers_[code] != value) return std::nullopt;
  return code;
}

std::optional<Code> Column::FindCode(std::string_view value) const {
  const Code code = LowerBound(value);
  if (code == distinct_ || text_value(code) != value) return std::nullopt;
  return code;
}

std::pair<Code, Code> Column::PrefixRange(std::string_view prefix) const {
  const Code begin = LowerBound(prefix);
  Code low = begin, high = static_cast<Code>(distinct_);
  while (low < high) {
    const Code middle = low + (high - low) / 2;
    if (text_value(middle).substr(0, prefix.size()) <= prefix) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return {begin, low};
}

RowSet Column::Rows(Code code) const {
  uint32_t begin = code, end = code + 1;
  if (!starts_.empty()) {
    begin = starts_[code];
    end = code < distinct_ ? starts_[code + 1] : static_cast<uint32_t>(inverted_.size());
  } else if (code == distinct_) {
    end = static_cast<uint32_t>(inverted_.size());
  }
  auto dense = dense_.find(code);
  return RowSet(absl::MakeConstSpan(inverted_).subspan(begin, end - begin),
                dense == dense_.end() ? nullptr : dense->second.get());
}

void Column::AddRows(Code begin, Code end, Roaring* out) const {
  for (Code code = begin; code < end; ++code) Rows(code).AddTo(out);
}

size_t Column::MemoryBytes() const {
  size_t bytes = sizeof(*this) + integers_.capacity() * sizeof(int64_t) + chars_.capacity() +
                 text_ends_.capacity() * sizeof(uint32_t) + codes_.MemoryBytes() +
                 list_ends_.capacity() * sizeof(uint32_t) +
                 inverted_.capacity() * sizeof(uint16_t) + starts_.capacity() * sizeof(uint32_t);
  for (const auto& [code, bits] : dense_) bytes += bits->MemoryBytes() + 32;
  return bytes;
}

}  // namespace tandem::catalog
