// SPDX-License-Identifier: Apache-2.0

// Which rows of an open segment have a term: chains of rows by the term's key, and of each row
// which beginnings its terms may have, so that a query need not look at every row's terms. Grows
// while readers read.
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
  // For at most `capacity` rows.
  explicit OpenTerms(uint32_t capacity);

  // Writer: adds a row's terms. Rows come in ascending order.
  void Add(uint32_t row, TermBlock terms);

  // The rows below `row_count` that have the exact term in `farthest` or closer, ascending; nullopt
  // when this structure is full and every row must be asked.
  std::optional<std::vector<uint16_t>> Find(std::string_view term, TextField farthest,
                                            uint32_t row_count) const;
  // Whether a term of the row may begin with `prefix` (its kind first).
  bool MayBegin(uint32_t row, std::string_view prefix) const;

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
  // Bits of the kinds and first two letters of a row's terms.
  struct Beginnings {
    uint64_t words[4] = {};
  };
  Slot* FindSlot(TermKey key) const;

  mutable LazyArray<Slot> slots_;
  LazyArray<Node> nodes_;
  LazyArray<Beginnings> beginnings_;
  uint32_t node_count_ = 0;
  uint32_t slot_count_ = 0;
  std::atomic<bool> full_{false};
};

}  // namespace tandem::catalog
