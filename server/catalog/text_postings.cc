// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_postings.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace tandem::catalog {
namespace {

constexpr size_t kBlockBytes = 64 << 10;
// Above this many rows a bitmap (8 KiB at most) is smaller to intersect than a list.
constexpr size_t kDenseRows = 4096;

size_t FieldIndex(TextField field) { return static_cast<size_t>(field); }

}  // namespace

std::optional<TermCode> TextPostings::Find(std::string_view term) const {
  if (table_.empty()) return std::nullopt;
  const size_t mask = table_.size() - 1;
  for (size_t at = TextHash()(term) & mask; table_[at] != 0; at = (at + 1) & mask) {
    if (this->term(table_[at] - 1) == term) return table_[at] - 1;
  }
  return std::nullopt;
}

std::pair<TermCode, TermCode> TextPostings::PrefixRange(std::string_view prefix) const {
  auto first_not = [&](auto&& before) {
    TermCode low = 0, high = static_cast<TermCode>(ends_.size());
    while (low < high) {
      const TermCode middle = low + (high - low) / 2;
      if (before(term(middle))) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  };
  return {
      first_not([&](std::string_view term) { return term < prefix; }),
      first_not([&](std::string_view term) { return term.substr(0, prefix.size()) <= prefix; })};
}

RowSet TextPostings::Rows(TermCode code, TextField field) const {
  const size_t list = code * kTextFields + FieldIndex(field);
  const uint32_t begin = starts_[list], end = starts_[list + 1];
  const Roaring* bitmap = nullptr;
  if (end - begin > kDenseRows) bitmap = dense_.find(static_cast<uint32_t>(list))->second.get();
  return RowSet(absl::MakeConstSpan(rows_).subspan(begin, end - begin), bitmap);
}

size_t TextPostings::MemoryBytes() const {
  size_t bytes = sizeof(*this) + chars_.capacity() + ends_.capacity() * sizeof(uint32_t) +
                 table_.capacity() * sizeof(uint32_t) + rows_.capacity() * sizeof(uint16_t) +
                 starts_.capacity() * sizeof(uint32_t);
  for (const auto& [list, bitmap] : dense_) bytes += bitmap->getSizeInBytes() + 96;
  return bytes;
}

TextPostingsBuilder::TermId TextPostingsBuilder::Intern(std::string_view term) {
  if (auto it = ids_.find(term); it != ids_.end()) return it->second;
  if (block_left_ < term.size()) {
    const size_t bytes = std::max(kBlockBytes, term.size());
    blocks_.push_back(std::make_unique<char[]>(bytes));
    block_at_ = blocks_.back().get();
    block_left_ = bytes;
  }
  std::memcpy(block_at_, term.data(), term.size());
  const std::string_view kept(block_at_, term.size());
  block_at_ += term.size();
  block_left_ -= term.size();
  const auto id = static_cast<TermId>(terms_.size());
  ids_.emplace(kept, id);
  terms_.push_back(kept);
  return id;
}

std::unique_ptr<const TextPostings> TextPostingsBuilder::Finish() {
  std::unique_ptr<TextPostings> out(new TextPostings);
  out->row_count_ = static_cast<uint32_t>(row_ends_.size());
  std::vector<TermId> sorted(terms_.size());
  std::iota(sorted.begin(), sorted.end(), 0U);
  std::sort(sorted.begin(), sorted.end(),
            [&](TermId a, TermId b) { return terms_[a] < terms_[b]; });
  std::vector<uint32_t> code_of(terms_.size());
  size_t chars = 0;
  for (std::string_view term : terms_) chars += term.size();
  out->chars_.reserve(chars);
  out->ends_.reserve(terms_.size());
  for (TermId id : sorted) {
    code_of[id] = static_cast<uint32_t>(out->ends_.size());
    out->chars_.append(terms_[id]);
    out->ends_.push_back(static_cast<uint32_t>(out->chars_.size()));
  }
  size_t slots = sorted.empty() ? 0 : 16;
  while (slots * 3 < sorted.size() * 4) slots *= 2;
  out->table_.assign(slots, 0);
  for (TermCode code = 0; code < sorted.size(); ++code) {
    size_t at = TextHash()(out->term(code)) & (slots - 1);
    while (out->table_[at] != 0) at = (at + 1) & (slots - 1);
    out->table_[at] = code + 1;
  }
  // Counting sort by (code, field); rows come in ascending order, so each list's rows do too.
  for (uint32_t& entry : entries_) {
    entry = static_cast<uint32_t>(code_of[entry / kTextFields] * kTextFields + entry % kTextFields);
  }
  out->starts_.assign(sorted.size() * kTextFields + 2, 0);
  for (uint32_t entry : entries_) ++out->starts_[entry + 2];
  std::partial_sum(out->starts_.begin(), out->starts_.end(), out->starts_.begin());
  out->rows_.resize(entries_.size());
  uint32_t at = 0;
  for (uint32_t row = 0; row < row_ends_.size(); ++row) {
    for (; at < row_ends_[row]; ++at) {
      out->rows_[out->starts_[entries_[at] + 1]++] = static_cast<uint16_t>(row);
    }
  }
  out->starts_.pop_back();
  for (uint32_t list = 0; list + 1 < out->starts_.size(); ++list) {
    const uint32_t begin = out->starts_[list], end = out->starts_[list + 1];
    if (end - begin <= kDenseRows) continue;
    auto bitmap = std::make_unique<Roaring>();
    for (uint32_t i = begin; i < end; ++i) bitmap->add(out->rows_[i]);
    bitmap->runOptimize();
    bitmap->shrinkToFit();
    out->dense_.emplace(list, std::move(bitmap));
  }
  out->starts_.shrink_to_fit();
  return out;
}

TextPostingsCopier::TextPostingsCopier(const TextPostings& from)
    : from_(from), ends_(from.row_count() + 1, 0), ids_(from.terms(), 0) {
  auto for_each = [&](auto&& visit) {
    for (TermCode code = 0; code < from.terms(); ++code) {
      for (size_t field = 0; field < kTextFields; ++field) {
        for (uint16_t row : from.Rows(code, static_cast<TextField>(field)).rows()) {
          visit(row, static_cast<uint32_t>(code * kTextFields + field));
        }
      }
    }
  };
  // ends_[row + 1] first counts, then is where the row's entries go, then where they end.
  for_each([&](uint16_t row, uint32_t) { ++ends_[row + 1U]; });
  std::partial_sum(ends_.begin(), ends_.end(), ends_.begin());
  entries_.resize(ends_.back());
  std::vector<uint32_t> fill(ends_.begin(), ends_.end() - 1);
  for_each([&](uint16_t row, uint32_t entry) { entries_[fill[row]++] = entry; });
}

void TextPostingsCopier::CopyRow(uint32_t row, TextPostingsBuilder* to) {
  for (uint32_t i = ends_[row]; i < ends_[row + 1]; ++i) {
    uint32_t& id = ids_[entries_[i] / kTextFields];
    if (id == 0) id = to->Intern(from_.term(entries_[i] / kTextFields)) + 1;
    to->Add(id - 1, static_cast<TextField>(entries_[i] % kTextFields));
  }
}

}  // namespace tandem::catalog
