// SPDX-License-Identifier: Apache-2.0

#include "catalog/column_builder.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <utility>

namespace tandem::catalog {
namespace {

constexpr Code kNoCode = std::numeric_limits<Code>::max();
constexpr size_t kBlockBytes = 64 << 10;
constexpr size_t kFirstSlots = 64;

uint32_t HashOfValue(std::string_view value) {
  return static_cast<uint32_t>(XXH3_64bits(value.data(), value.size()));
}
uint32_t HashOfValue(int64_t value) {
  // Fibonacci hashing: Knuth, TAOCP 6.4. The upper half is the better one.
  return static_cast<uint32_t>((static_cast<uint64_t>(value) * 0x9E3779B97F4A7C15) >> 32U);
}

// Values beside their codes: comparing them does not go through memory.
template <typename Value>
void SortByValue(const std::vector<Value>& values, std::vector<Code>* codes) {
  auto less = [&](Code a, Code b) { return values[a] < values[b]; };
  if (std::is_sorted(codes->begin(), codes->end(), less)) return;
  std::vector<std::pair<Value, Code>> pairs;
  pairs.reserve(codes->size());
  for (Code code : *codes) pairs.emplace_back(values[code], code);
  std::sort(pairs.begin(), pairs.end());
  for (size_t i = 0; i < pairs.size(); ++i) (*codes)[i] = pairs[i].second;
}

}  // namespace

ColumnBuilder::ColumnBuilder(bool text, bool repeated, bool invert_only)
    : text_(text), repeated_(repeated), invert_only_(invert_only), row_code_(kNoCode) {}

void ColumnBuilder::AddCode(Code code) {
  last_code_ = code;
  has_last_ = true;
  if (repeated_) {
    codes_.push_back(code);
  } else {
    row_code_ = code;
  }
}

void ColumnBuilder::Add(int64_t value) { AddCode(Intern(value)); }

void ColumnBuilder::Add(std::string_view value) {
  if (!repeated_ && value.empty()) {
    row_code_ = kNoCode;
    return;
  }
  AddCode(Intern(value));
}

Code ColumnBuilder::Intern(int64_t value) {
  if (has_last_ && integers_[last_code_] == value) return last_code_;
  const auto next = static_cast<Code>(integers_.size());
  if (slots_.empty() && (integers_.empty() || integers_.back() < value)) {
    integers_.push_back(value);
    return next;
  }
  const Code code =
      FindOrAdd(HashOfValue(value), [&](Code other) { return integers_[other] == value; });
  if (code == next) integers_.push_back(value);
  return code;
}

Code ColumnBuilder::Intern(std::string_view value) {
  if (has_last_ && texts_[last_code_] == value) return last_code_;
  const auto next = static_cast<Code>(texts_.size());
  if (slots_.empty() && (texts_.empty() || texts_.back() < value)) {
    texts_.push_back(Keep(value));
    return next;
  }
  const Code code =
      FindOrAdd(HashOfValue(value), [&](Code other) { return texts_[other] == value; });
  if (code == next) texts_.push_back(Keep(value));
  return code;
}

template <typename IsValue>
Code ColumnBuilder::FindOrAdd(uint32_t hash, IsValue&& is_value) {
  // Room for one more, three of four slots taken at most.
  if ((distinct() + 1) * 4 > slots_.size() * 3) {
    size_t slots = std::max(kFirstSlots, slots_.size() * 2);
    while ((distinct() + 1) * 4 > slots * 3) slots *= 2;
    Reserve(slots);
  }
  const size_t mask = slots_.size() - 1;
  size_t at = hash & mask;
  for (; slots_[at].code != 0; at = (at + 1) & mask) {
    if (slots_[at].hash == hash && is_value(slots_[at].code - 1)) return slots_[at].code - 1;
  }
  const auto code = static_cast<Code>(distinct());
  slots_[at] = {hash, code + 1};
  return code;
}

void ColumnBuilder::Reserve(size_t slots) {
  slots_.assign(slots, Slot());
  for (Code code = 0; code < distinct(); ++code) {
    const uint32_t hash = text_ ? HashOfValue(texts_[code]) : HashOfValue(integers_[code]);
    size_t at = hash & (slots - 1);
    while (slots_[at].code != 0) at = (at + 1) & (slots - 1);
    slots_[at] = {hash, code + 1};
  }
}

std::string_view ColumnBuilder::Keep(std::string_view text) {
  if (block_left_ < text.size()) {
    const size_t bytes = std::max(kBlockBytes, text.size());
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(bytes));
    block_at_ = blocks_.back().get();
    block_left_ = bytes;
  }
  if (!text.empty()) std::memcpy(block_at_, text.data(), text.size());
  const std::string_view kept(block_at_, text.size());
  block_at_ += text.size();
  block_left_ -= text.size();
  return kept;
}

void ColumnBuilder::EndRow() {
  ++rows_;
  if (repeated_) {
    ends_.push_back(static_cast<uint32_t>(codes_.size()));
  } else {
    codes_.push_back(row_code_);
    row_code_ = kNoCode;
  }
}

std::vector<Code> ColumnBuilder::SortValues(Column* column) {
  const size_t count = distinct();
  // Values whose last row got another one (a field that occurred twice) are no values of the
  // column.
  std::vector<bool> used(count, false);
  for (Code code : codes_) {
    if (code != kNoCode) used[code] = true;
  }
  std::vector<Code> by_value;
  by_value.reserve(count);
  for (Code code = 0; code < count; ++code) {
    if (used[code]) by_value.push_back(code);
  }
  if (text_) {
    SortByValue(texts_, &by_value);
  } else {
    SortByValue(integers_, &by_value);
  }
  std::vector<Code> rank(count, kNoCode);
  column->distinct_ = by_value.size();
  if (text_) {
    size_t chars = 0;
    for (Code code : by_value) chars += texts_[code].size();
    column->chars_.reserve(chars);
    column->text_ends_.reserve(by_value.size());
  } else {
    column->integers_.reserve(by_value.size());
  }
  for (size_t i = 0; i < by_value.size(); ++i) {
    rank[by_value[i]] = static_cast<Code>(i);
    if (text_) {
      column->chars_.append(texts_[by_value[i]]);
      column->text_ends_.push_back(static_cast<uint32_t>(column->chars_.size()));
    } else {
      column->integers_.push_back(integers_[by_value[i]]);
    }
  }
  return rank;
}

void ColumnBuilder::Invert(absl::Span<const Code> codes, absl::Span<const uint32_t> ends,
                           Column* column) {
  // Counting sort by code; rows come in ascending order, so each code's rows do too. A list that
  // names a value twice counts its row once, and a row without values goes behind the last code.
  const size_t distinct = column->distinct_;
  std::vector<uint32_t> starts(distinct + 2, 0);
  std::vector<uint32_t> last_row(distinct, kNoCode);
  auto for_each = [&](auto&& visit) {
    std::fill(last_row.begin(), last_row.end(), kNoCode);
    for (uint32_t row = 0; row < rows_; ++row) {
      if (!repeated_) {
        visit(codes[row], row);
        continue;
      }
      const uint32_t begin = row == 0 ? 0 : ends[row - 1];
      if (begin == ends[row]) visit(static_cast<Code>(distinct), row);
      for (uint32_t i = begin; i < ends[row]; ++i) {
        if (last_row[codes[i]] == row) continue;
        last_row[codes[i]] = row;
        visit(codes[i], row);
      }
    }
  };
  for_each([&](Code code, uint32_t) { ++starts[code + 1]; });
  std::partial_sum(starts.begin(), starts.end(), starts.begin());
  column->inverted_.resize(starts.back());
  std::vector<uint32_t> fill(starts.begin(), starts.end() - 1);
  for_each([&](Code code, uint32_t row) {
    column->inverted_[fill[code]++] = static_cast<uint16_t>(row);
  });
  for (Code code = 0; code <= distinct; ++code) {
    const size_t count = starts[code + 1] - starts[code];
    // All rows are their own bits.
    if (count <= kDenseColumnRows || count == rows_) continue;
    column->dense_.emplace(
        code, std::make_unique<const RowBits>(
                  absl::MakeConstSpan(column->inverted_).subspan(starts[code], count), rows_));
  }
  // One row a value: the starts are 0, 1, 2 ….
  const bool unique = starts[distinct] == distinct;
  starts.pop_back();
  if (!unique || distinct == 0) column->starts_ = std::move(starts);
}

std::unique_ptr<const Column> ColumnBuilder::Finish() {
  std::unique_ptr<Column> column(new Column);
  column->is_text_ = text_;
  column->repeated_ = repeated_;
  column->row_count_ = rows_;
  const std::vector<Code> rank = SortValues(column.get());
  const auto absent = static_cast<Code>(column->distinct_);
  for (Code& code : codes_) code = code == kNoCode ? absent : rank[code];
  Invert(codes_, ends_, column.get());
  if (!invert_only_) {
    const bool constant = std::all_of(codes_.begin(), codes_.end(),
                                      [&](Code code) { return code == codes_.front(); });
    column->codes_ = CodeArray(codes_, absent, constant);
    if (!codes_.empty() || !repeated_) column->list_ends_ = std::move(ends_);
    column->list_ends_.shrink_to_fit();
  }
  return column;
}

}  // namespace tandem::catalog
