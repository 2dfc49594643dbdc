// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_open.h"

#include <algorithm>

#include "catalog/text_hash.h"

namespace tandem::catalog {
namespace {

constexpr uint32_t kSlots = 1U << 17U;
constexpr uint32_t kMostSlots = kSlots / 4 * 3;
// Some hundred terms a row of a default segment.
constexpr uint32_t kMostNodes = 1U << 20U;
// Kind and two letters.
constexpr size_t kBeginningBytes = 3;

// 0 marks a free slot. Two terms that share 64 bits do not occur by accident.
uint64_t HashTerm(std::string_view term) {
  const uint64_t hash = TextHash()(term);
  return hash == 0 ? 1 : hash;
}

uint8_t BeginningBit(std::string_view term) {
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(term[i])); };
  return static_cast<uint8_t>(((byte(0) * 31 + byte(1)) * 37 + byte(2)) * 0x9E3779B1U >> 24U);
}

}  // namespace

OpenTerms::OpenTerms(uint32_t capacity)
    : slots_(kSlots), nodes_(kMostNodes), beginnings_(capacity) {}

OpenTerms::Slot* OpenTerms::FindSlot(uint64_t hash) const {
  for (uint64_t at = hash % kSlots;; at = (at + 1) % kSlots) {
    Slot& slot = slots_[at];
    const uint64_t there = slot.hash.load(std::memory_order_acquire);
    if (there == hash || there == 0) return &slot;
  }
}

void OpenTerms::Add(uint32_t row, TermBlock terms) {
  Beginnings& beginnings = beginnings_[row];
  terms.ForEach([&](TextField, std::string_view term) {
    if (term.size() < kBeginningBytes) return;
    const uint8_t bit = BeginningBit(term);
    beginnings.words[bit / 64] |= uint64_t{1} << (bit % 64);
  });
  if (full_.load(std::memory_order_relaxed)) return;
  terms.ForEach([&](TextField field, std::string_view term) {
    if (slot_count_ == kMostSlots || node_count_ == kMostNodes) {
      full_.store(true, std::memory_order_release);
      return;
    }
    const uint64_t hash = HashTerm(term);
    Slot* slot = FindSlot(hash);
    const uint32_t head = slot->head.load(std::memory_order_relaxed);
    nodes_[node_count_] = {head, static_cast<uint16_t>(row), field};
    slot->head.store(++node_count_, std::memory_order_release);
    if (head == 0) {
      slot->hash.store(hash, std::memory_order_release);
      ++slot_count_;
    }
  });
}

std::optional<std::vector<uint16_t>> OpenTerms::Find(std::string_view term, TextField farthest,
                                                     uint32_t row_count) const {
  std::vector<uint16_t> rows;
  const uint64_t hash = HashTerm(term);
  const Slot* slot = FindSlot(hash);
  if (slot->hash.load(std::memory_order_acquire) == hash) {
    for (uint32_t at = slot->head.load(std::memory_order_acquire); at != 0;) {
      const Node& node = nodes_[at - 1];
      if (node.row < row_count && node.field <= farthest) rows.push_back(node.row);
      at = node.next;
    }
  }
  // Read last: rows added before the writer ran out of room are linked, later ones may not be.
  if (full_.load(std::memory_order_acquire)) return std::nullopt;
  std::reverse(rows.begin(), rows.end());
  return rows;
}

bool OpenTerms::MayBegin(uint32_t row, std::string_view prefix) const {
  if (prefix.size() < kBeginningBytes) return true;
  const uint8_t bit = BeginningBit(prefix);
  return ((beginnings_[row].words[bit / 64] >> (bit % 64)) & 1U) != 0;
}

size_t OpenTerms::MemoryBytes() const {
  return slot_count_ * sizeof(Slot) + node_count_ * sizeof(Node);
}

}  // namespace tandem::catalog
