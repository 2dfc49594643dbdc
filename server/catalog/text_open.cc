// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_open.h"

#include <algorithm>

#include "catalog/text_hash.h"

namespace tandem::catalog {
namespace {

constexpr uint32_t kSlots = 1U << 17U;
constexpr uint32_t kMostSlots = kSlots / 4 * 3;
// About two hundred terms a row of a default segment.
constexpr uint32_t kMostNodes = 1U << 19U;

// 0 marks a free slot.
uint32_t HashTerm(std::string_view term) {
  const auto hash = static_cast<uint32_t>(TextHash()(term));
  return hash == 0 ? 1 : hash;
}

}  // namespace

OpenTerms::OpenTerms() : slots_(kSlots), nodes_(kMostNodes) {}

OpenTerms::Slot* OpenTerms::FindSlot(uint32_t hash) const {
  for (uint32_t at = hash % kSlots;; at = (at + 1) % kSlots) {
    Slot& slot = slots_[at];
    const uint32_t there = slot.hash.load(std::memory_order_acquire);
    if (there == hash || there == 0) return &slot;
  }
}

void OpenTerms::Add(uint32_t row, TermBlock terms) {
  if (full_.load(std::memory_order_relaxed)) return;
  terms.ForEach([&](TextField, std::string_view term) {
    if (slot_count_ == kMostSlots || node_count_ == kMostNodes) {
      full_.store(true, std::memory_order_release);
      return;
    }
    const uint32_t hash = HashTerm(term);
    Slot* slot = FindSlot(hash);
    const uint32_t head = slot->head.load(std::memory_order_relaxed);
    // Terms of one row that share a hash.
    if (head != 0 && nodes_[head - 1].row == row) return;
    nodes_[node_count_] = {head, static_cast<uint16_t>(row)};
    slot->head.store(++node_count_, std::memory_order_release);
    if (head == 0) {
      slot->hash.store(hash, std::memory_order_release);
      ++slot_count_;
    }
  });
}

std::optional<std::vector<uint16_t>> OpenTerms::MayHave(std::string_view term,
                                                        uint32_t row_count) const {
  std::vector<uint16_t> rows;
  const uint32_t hash = HashTerm(term);
  const Slot* slot = FindSlot(hash);
  if (slot->hash.load(std::memory_order_acquire) == hash) {
    for (uint32_t at = slot->head.load(std::memory_order_acquire); at != 0;) {
      const Node& node = nodes_[at - 1];
      if (node.row < row_count) rows.push_back(node.row);
      at = node.next;
    }
  }
  // Read last: rows added before the writer ran out of room are linked, later ones may not be.
  if (full_.load(std::memory_order_acquire)) return std::nullopt;
  std::reverse(rows.begin(), rows.end());
  return rows;
}

size_t OpenTerms::MemoryBytes() const {
  return slot_count_ * sizeof(Slot) + node_count_ * sizeof(Node);
}

}  // namespace tandem::catalog
