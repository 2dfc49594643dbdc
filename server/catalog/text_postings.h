// SPDX-License-Identifier: Apache-2.0

// Which rows of a sealed segment have which term, and how closely. Terms are sorted, so that a
// beginning is a range; a hash table beside them finds one term with two looks at memory, because a
// query asks every segment.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/row_set.h"
#include "catalog/text_terms.h"
#include "roaring/roaring.hh"

namespace tandem::catalog {

// Position of a term among the terms of one segment: coded ones in the order of their keys, then
// words in the order of their texts.
using TermCode = uint32_t;

// Immutable; any number of threads.
class TextPostings {
 public:
  size_t terms() const { return coded_.size() + word_ends_.size(); }
  uint32_t row_count() const { return row_count_; }

  // The term's text, its kind first.
  std::string term(TermCode code) const;
  // Its key.
  TermKey key(TermCode code) const;
  // The text of a word, its kind first; empty for coded terms.
  std::string_view word(TermCode code) const;
  // The term's code; nullopt when no row has it.
  std::optional<TermCode> Find(std::string_view term) const;
  // The terms [first, second) that begin with `prefix`, at least a kind.
  std::pair<TermCode, TermCode> PrefixRange(std::string_view prefix) const;
  // The rows whose closest text with that term is `field`.
  RowSet Rows(TermCode code, TextField field) const;

  // Visits the codes that a query asks for.
  template <typename Visitor>
  void ForEachCode(const TermQuery& query, Visitor&& visit) const;

  size_t MemoryBytes() const;

 private:
  friend class TextPostingsBuilder;
  // Where the rows of a term that stands in several fields divide: where those of the first and
  // those of the second field end.
  using FieldEnds = std::array<uint32_t, kTextFields - 1>;
  // In fields_: rows of several fields, see mixed_.
  static constexpr uint8_t kMixed = kTextFields;

  TextPostings() = default;

  uint32_t row_count_ = 0;
  std::vector<TermKey> coded_;
  std::string chars_;
  std::vector<uint32_t> word_ends_;
  // Open addressing: a tag of the hash above kTagShift and code + 1 below it; 0 is free.
  std::vector<uint32_t> table_;
  // Rows by (code, field, row); starts_[code] is where a code's begin.
  std::vector<uint16_t> rows_;
  std::vector<uint32_t> starts_;
  // By code: the one field its rows have, or kMixed.
  std::vector<uint8_t> fields_;
  absl::flat_hash_map<TermCode, FieldEnds> mixed_;
  // Long lists once more as bits, by code * kTextFields + field.
  absl::flat_hash_map<uint32_t, std::unique_ptr<const RowBits>> dense_;
};

// Collects the terms of rows. One thread.
class TextPostingsBuilder {
 public:
  // A term's number while building.
  using TermId = uint32_t;

  TextPostingsBuilder();

  // `word` is the text of a term whose key is a word's; it is copied.
  TermId Intern(TermKey key, std::string_view word);
  // Adds a term to the current row.
  void Add(TermId id, TextField field) {
    entries_.push_back(static_cast<uint32_t>(id * kTextFields + static_cast<size_t>(field)));
  }
  // Adds the terms of a TermList or TermBlock.
  template <typename Terms>
  void AddTerms(const Terms& terms) {
    terms.ForEach([this](PlacedTerm term, std::string_view word) {
      Add(Intern(term.key(), word), term.field());
    });
  }
  void EndRow() { row_ends_.push_back(static_cast<uint32_t>(entries_.size())); }

  // The postings; the builder is used up.
  std::unique_ptr<const TextPostings> Finish();

 private:
  // Open addressing; `id` is the number plus one, 0 is free.
  struct Slot {
    TermKey key = 0;
    uint32_t id = 0;
  };
  // Where a word stands in word_chars_.
  struct WordPlace {
    uint32_t begin = 0;
    uint8_t size = 0;
  };
  void Grow();
  std::string_view Word(TermId id) const;
  // Fills the terms of `out`; returns id → code.
  std::vector<TermCode> SortTerms(TextPostings* out) const;
  static void FillTable(TextPostings* out);
  // Fills the rows of `out`.
  void Invert(absl::Span<const TermCode> code_of, TextPostings* out);

  std::vector<Slot> slots_;
  // By id.
  std::vector<TermKey> keys_;
  // By id; of no meaning for coded terms.
  std::vector<WordPlace> word_places_;
  std::string word_chars_;
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
    if (!typo || query.Fits(word(code))) visit(code);
  }
}

}  // namespace tandem::catalog
