// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_open.h"

#include <algorithm>

namespace tandem::catalog {
namespace {

constexpr unsigned kSlotBits = 17;
constexpr uint32_t kSlots = 1U << kSlotBits;
constexpr uint32_t kMostSlots = kSlots / 4 * 3;
// Some hundred terms a row of a default segment.
constexpr uint32_t kMostNodes = 1U << 20U;
constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;  // Fibonacci hashing: Knuth, TAOCP 6.4

// Where the search for a key begins.
uint64_t PlaceOf(TermKey key) { return (key * kGolden) >> (64U - kSlotBits); }

// What of a term its beginnings are told apart by: the kind and two letters, or one Chinese
// character, which takes three bytes.
size_t BeginningBytes(std::string_view term) {
  const auto lead = static_cast<uint8_t>(term.size() > 1 ? term[1] : 0);
  return lead >= 0xE0 ? 4 : 3;
}

uint8_t BeginningBit(std::string_view beginning) {
  uint64_t bytes = 0;
  for (char c : beginning) bytes = (bytes << 8U) | static_cast<uint8_t>(c);
  return static_cast<uint8_t>((bytes * kGolden) >> 56U);
}

}  // namespace

OpenTerms::OpenTerms(uint32_t capacity)
    : slots_(kSlots), nodes_(kMostNodes), beginnings_(capacity) {}

OpenTerms::Slot* OpenTerms::FindSlot(TermKey key) const {
  for (uint64_t at = PlaceOf(key);; at = (at + 1) % kSlots) {
    Slot& slot = slots_[at];
    const TermKey there = slot.key.load(std::memory_order_acquire);
    if (there == key || there == 0) return &slot;
  }
}

void OpenTerms::Add(uint32_t row, TermBlock terms) {
  Beginnings& beginnings = beginnings_[row];
  terms.ForEachText([&](TextField, std::string_view term) {
    const size_t size = BeginningBytes(term);
    if (term.size() < size) return;
    const uint8_t bit = BeginningBit(term.substr(0, size));
    beginnings.words[bit / 64] |= uint64_t{1} << (bit % 64);
  });
  if (full_.load(std::memory_order_relaxed)) return;
  // The slots lie all over the table: their memory is on its way while the others are looked at.
  terms.ForEach([&](PlacedTerm term, std::string_view) {
    __builtin_prefetch(&slots_[PlaceOf(term.key())], 1);
  });
  terms.ForEach([&](PlacedTerm term, std::string_view) {
    if (slot_count_ == kMostSlots || node_count_ == kMostNodes) {
      full_.store(true, std::memory_order_release);
      return;
    }
    Slot* slot = FindSlot(term.key());
    const uint32_t head = slot->head.load(std::memory_order_relaxed);
    nodes_[node_count_] = {head, static_cast<uint16_t>(row), term.field()};
    slot->head.store(++node_count_, std::memory_order_release);
    if (head == 0) {
      slot->key.store(term.key(), std::memory_order_release);
      ++slot_count_;
    }
  });
}

std::optional<std::vector<uint16_t>> OpenTerms::Find(std::string_view term, TextField farthest,
                                                     uint32_t row_count) const {
  std::vector<uint16_t> rows;
  const std::optional<TermKey> key = KeyOf(term);
  if (!key) return rows;
  const Slot* slot = FindSlot(*key);
  if (slot->key.load(std::memory_order_acquire) == *key) {
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
  const size_t size = BeginningBytes(prefix);
  if (prefix.size() < size) return true;
  const uint8_t bit = BeginningBit(prefix.substr(0, size));
  return ((beginnings_[row].words[bit / 64] >> (bit % 64)) & 1U) != 0;
}

size_t OpenTerms::MemoryBytes() const {
  return slot_count_ * sizeof(Slot) + node_count_ * sizeof(Node);
}

}  // namespace tandem::catalog
