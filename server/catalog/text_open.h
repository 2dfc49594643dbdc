// SPDX-License-Identifier: Apache-2.0

// Which rows of an open segment have a term: chains of rows by the term's key, and chains of the
// segment's different terms by what they begin with, so that a query looks neither at every row nor
// at every term. Grows while readers read.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "catalog/lazy_array.h"
#include "catalog/text_terms.h"

namespace tandem::catalog {

// One writer, any number of readers, no locks: a row is linked in before the view that shows it is
// published.
class OpenTerms {
 public:
  OpenTerms();

  // Writer: adds a row's terms, whose bytes stay where they are. Rows come in ascending order.
  void Add(uint32_t row, TermBlock terms);

  // The rows below `row_count` that have what is asked for, ascending; nullopt when this structure
  // is full and every row must be asked.
  std::optional<std::vector<uint16_t>> Find(const TermQuery& query, uint32_t row_count) const;

  size_t MemoryBytes() const;

 private:
  // One row of a chain; `next` is the number of the row before it plus one, 0 at the end.
  struct Node {
    uint32_t next = 0;
    uint16_t row = 0;
    TextField field = TextField::kDisplayName;
  };
  struct Slot {
    // 0 is free.
    std::atomic<TermKey> key;
    // Number of the newest node plus one.
    std::atomic<uint32_t> head;
  };
  // One term of the segment, in the chain of those that begin alike. `next` as in Node.
  struct Term {
    TermKey key = 0;
    // A word's text with its kind, in the row that had it first; empty for coded terms.
    std::string_view word;
    uint32_t next = 0;
    // Of its slot.
    uint32_t place = 0;
  };
  struct Group {
    // What its terms begin with; 0 is free.
    std::atomic<uint64_t> beginning;
    // Number of the newest term plus one.
    std::atomic<uint32_t> head;
  };
  // Where rows are gathered, one bit each.
  using RowBits = std::vector<uint64_t>;

  uint32_t FindSlot(TermKey key) const;
  Group* FindGroup(uint64_t beginning) const;
  // Notes the term of a new slot.
  void AddTerm(TermKey key, uint32_t place, std::string_view word);
  // Adds the rows of the term at `place` to `rows`.
  void Gather(uint32_t place, TextField farthest, uint32_t row_count, RowBits* rows) const;
  // The same for all terms that begin with a text or are one typo away from it.
  void GatherFitting(const TermQuery& query, uint32_t row_count, RowBits* rows) const;

  mutable LazyArray<Slot> slots_;
  LazyArray<Node> nodes_;
  LazyArray<Term> terms_;
  mutable LazyArray<Group> groups_;
  uint32_t node_count_ = 0;
  uint32_t group_count_ = 0;
  // Of terms_, which is how many slots are taken.
  std::atomic<uint32_t> term_count_{0};
  std::atomic<bool> full_{false};
};

}  // namespace tandem::catalog
