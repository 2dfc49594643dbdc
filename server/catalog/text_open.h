// SPDX-License-Identifier: Apache-2.0

// Which rows of an open segment may have a term: chains of rows by the term's hash, so that a query
// need not look at every row. Grows while readers read.
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

  // Writer: adds a row's terms. Rows come in ascending order.
  void Add(uint32_t row, TermBlock terms);

  // The rows below `row_count` that may have the exact term (a few of others that share its hash),
  // ascending; nullopt when this structure is full and every row must be asked.
  std::optional<std::vector<uint16_t>> MayHave(std::string_view term, uint32_t row_count) const;

  size_t MemoryBytes() const;

 private:
  // One row of a chain; `next` is the number of the row before it plus one, 0 at the end.
  struct Node {
    uint32_t next = 0;
    uint16_t row = 0;
  };
  struct Slot {
    std::atomic<uint32_t> hash;
    // Number of the newest node plus one.
    std::atomic<uint32_t> head;
  };
  Slot* FindSlot(uint32_t hash) const;

  mutable LazyArray<Slot> slots_;
  LazyArray<Node> nodes_;
  uint32_t node_count_ = 0;
  uint32_t slot_count_ = 0;
  std::atomic<bool> full_{false};
};

}  // namespace tandem::catalog
