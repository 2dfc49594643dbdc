// SPDX-License-Identifier: Apache-2.0

// Which rows of a sealed segment have which term, and how closely. Terms are sorted, so that a
// beginning is a range; a hash table beside them finds one term with two looks at memory, because a
// query asks every segment.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/row_set.h"
#include "catalog/text_hash.h"
#include "catalog/text_terms.h"
#include "roaring/roaring.hh"

namespace tandem::catalog {

// Position of a term among the sorted terms of one segment.
using TermCode = uint32_t;

// Immutable; any number of threads.
class TextPostings {
 public:
  size_t terms() const { return ends_.size(); }
  uint32_t row_count() const { return row_count_; }

  std::string_view term(TermCode code) const {
    const size_t begin = code == 0 ? 0 : ends_[code - 1];
    return std::string_view(chars_).substr(begin, ends_[code] - begin);
  }
  // The term's code; nullopt when no row has it.
  std::optional<TermCode> Find(std::string_view term) const;
  // The terms [first, second) that begin with `prefix`.
  std::pair<TermCode, TermCode> PrefixRange(std::string_view prefix) const;
  // The rows whose closest text with that term is `field`.
  RowSet Rows(TermCode code, TextField field) const;

  // Visits the codes that a query asks for.
  template <typename Visitor>
  void ForEachCode(const TermQuery& query, Visitor&& visit) const;

  size_t MemoryBytes() const;

 private:
  friend class TextPostingsBuilder;
  TextPostings() = default;

  uint32_t row_count_ = 0;
  std::string chars_;
  std::vector<uint32_t> ends_;
  // Open addressing; code + 1, 0 is free. A power of two.
  std::vector<uint32_t> table_;
  // Rows by (code, field, row); starts_[code * 3 + field] is where they begin.
  std::vector<uint16_t> rows_;
  std::vector<uint32_t> starts_;
  // Long lists once more as bitmaps.
  absl::flat_hash_map<uint32_t, std::unique_ptr<const Roaring>> dense_;
};

// Collects the terms of rows. One thread.
class TextPostingsBuilder {
 public:
  // A term's number while building.
  using TermId = uint32_t;

  TermId Intern(std::string_view term);
  // Adds a term to the current row.
  void Add(TermId id, TextField field) {
    entries_.push_back(static_cast<uint32_t>(id * kTextFields + static_cast<size_t>(field)));
  }
  void AddBlock(TermBlock block) {
    block.ForEach([this](TextField field, std::string_view term) { Add(Intern(term), field); });
  }
  void EndRow() { row_ends_.push_back(static_cast<uint32_t>(entries_.size())); }

  std::unique_ptr<const TextPostings> Finish();

 private:
  TextViewMap<TermId> ids_;
  std::vector<std::string_view> terms_;
  // What terms_ points into; blocks never move.
  std::vector<std::unique_ptr<char[]>> blocks_;
  size_t block_left_ = 0;
  char* block_at_ = nullptr;
  std::vector<uint32_t> entries_;
  std::vector<uint32_t> row_ends_;
};

// Copies rows of sealed postings into a builder: the term lists of the rows, found by turning the
// postings around once. One thread.
class TextPostingsCopier {
 public:
  explicit TextPostingsCopier(const TextPostings& from);
  // Adds the terms of `row` to the builder's current row. Always the same builder.
  void CopyRow(uint32_t row, TextPostingsBuilder* to);

 private:
  const TextPostings& from_;
  std::vector<uint32_t> entries_;
  std::vector<uint32_t> ends_;
  // Of each code: its number in the builder plus one, 0 before it was met.
  std::vector<uint32_t> ids_;
};

template <typename Visitor>
void TextPostings::ForEachCode(const TermQuery& query, Visitor&& visit) const {
  if (query.match == TermQuery::Match::kExact) {
    if (auto code = Find(query.term)) visit(*code);
    return;
  }
  const bool typo = query.match == TermQuery::Match::kOneTypo;
  const auto [begin, end] = PrefixRange(typo ? query.term.substr(0, 1) : query.term);
  for (TermCode code = begin; code < end; ++code) {
    if (!typo || query.Fits(term(code))) visit(code);
  }
}

}  // namespace tandem::catalog
