// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_open.h"

#include <algorithm>

namespace tandem::catalog {
namespace {

constexpr unsigned kSlotBits = 17;
constexpr uint32_t kSlots = 1U << kSlotBits;
constexpr uint32_t kMostTerms = kSlots / 4 * 3;
constexpr unsigned kGroupBits = 15;
constexpr uint32_t kGroups = 1U << kGroupBits;
constexpr uint32_t kMostGroups = kGroups / 4 * 3;
// Some hundred terms a row of a default segment.
constexpr uint32_t kMostNodes = 1U << 20U;
constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;  // Fibonacci hashing: Knuth, TAOCP 6.4
// Words are grouped by their kind and three bytes.
constexpr size_t kWordBeginning = 4;

// Where the search for a key or a group begins.
uint32_t PlaceOf(uint64_t key, unsigned bits) {
  return static_cast<uint32_t>((key * kGolden) >> (64U - bits));
}

// What terms of one group share. `word` is at least a kind and kWordBeginning long, or all of a
// shorter word.
uint64_t BeginningOfWord(std::string_view word) {
  uint64_t bytes = 0;
  for (char c : word.substr(0, kWordBeginning)) bytes = (bytes << 8U) | static_cast<uint8_t>(c);
  // Coded keys have another first bit.
  return bytes | uint64_t{1} << 63U;
}

uint64_t BeginningOf(TermKey key, std::string_view word) {
  return word.empty() ? BeginningOfKey(key) : BeginningOfWord(word);
}

std::vector<uint16_t> RowsOf(const std::vector<uint64_t>& bits) {
  std::vector<uint16_t> rows;
  for (size_t i = 0; i < bits.size(); ++i) {
    for (uint64_t left = bits[i]; left != 0; left &= left - 1) {
      rows.push_back(static_cast<uint16_t>(i * 64 + static_cast<size_t>(__builtin_ctzll(left))));
    }
  }
  return rows;
}

}  // namespace

OpenTerms::OpenTerms() : slots_(kSlots), nodes_(kMostNodes), terms_(kMostTerms), groups_(kGroups) {}

uint32_t OpenTerms::FindSlot(TermKey key) const {
  for (uint32_t at = PlaceOf(key, kSlotBits);; at = (at + 1) % kSlots) {
    const TermKey there = slots_[at].key.load(std::memory_order_acquire);
    if (there == key || there == 0) return at;
  }
}

OpenTerms::Group* OpenTerms::FindGroup(uint64_t beginning) const {
  for (uint32_t at = PlaceOf(beginning, kGroupBits);; at = (at + 1) % kGroups) {
    Group& group = groups_[at];
    const uint64_t there = group.beginning.load(std::memory_order_acquire);
    if (there == beginning || there == 0) return &group;
  }
}

void OpenTerms::Add(uint32_t row, TermBlock terms) {
  if (full_.load(std::memory_order_relaxed)) return;
  // The slots lie all over the table: their memory is on its way while the others are looked at.
  terms.ForEach([&](PlacedTerm term, std::string_view) {
    __builtin_prefetch(&slots_[PlaceOf(term.key(), kSlotBits)], 1);
  });
  terms.ForEach([&](PlacedTerm term, std::string_view word) {
    if (term_count_.load(std::memory_order_relaxed) == kMostTerms || group_count_ == kMostGroups ||
        node_count_ == kMostNodes) {
      full_.store(true, std::memory_order_release);
      return;
    }
    const uint32_t place = FindSlot(term.key());
    Slot& slot = slots_[place];
    const uint32_t head = slot.head.load(std::memory_order_relaxed);
    nodes_[node_count_] = {head, static_cast<uint16_t>(row), term.field()};
    slot.head.store(++node_count_, std::memory_order_release);
    if (head == 0) {
      slot.key.store(term.key(), std::memory_order_release);
      AddTerm(term.key(), place, word);
    }
  });
}

void OpenTerms::AddTerm(TermKey key, uint32_t place, std::string_view word) {
  const uint64_t beginning = BeginningOf(key, word);
  Group* group = FindGroup(beginning);
  const uint32_t head = group->head.load(std::memory_order_relaxed);
  const uint32_t count = term_count_.load(std::memory_order_relaxed);
  terms_[count] = {key, word, head, place};
  group->head.store(count + 1, std::memory_order_release);
  term_count_.store(count + 1, std::memory_order_release);
  if (head == 0) {
    group->beginning.store(beginning, std::memory_order_release);
    ++group_count_;
  }
}

void OpenTerms::Gather(uint32_t place, TextField farthest, uint32_t row_count,
                       RowBits* rows) const {
  for (uint32_t at = slots_[place].head.load(std::memory_order_acquire); at != 0;) {
    const Node& node = nodes_[at - 1];
    if (node.row < row_count && node.field <= farthest) {
      (*rows)[node.row / 64] |= uint64_t{1} << (node.row % 64U);
    }
    at = node.next;
  }
}

void OpenTerms::GatherFitting(const TermQuery& query, uint32_t row_count, RowBits* rows) const {
  const bool is_word = IsWordTerm(query.term);
  const KeyRange range = is_word ? KeyRange{} : query.Keys();
  if (!is_word && range.empty()) return;
  auto consider = [&](const Term& term) {
    const bool fits = is_word ? !term.word.empty() && term.word.front() == query.term.front() &&
                                    query.Fits(term.word)
                              : range.first <= term.key && term.key <= range.last;
    if (fits) Gather(term.place, query.farthest, row_count, rows);
  };
  uint64_t beginning = 0;
  if (is_word) {
    const bool known =
        query.match == TermQuery::Match::kPrefix && query.term.size() >= kWordBeginning;
    if (known) beginning = BeginningOfWord(query.term);
  } else if (BeginningOfKey(range.first) == BeginningOfKey(range.last)) {
    beginning = BeginningOfKey(range.first);
  }
  if (beginning == 0) {
    // Too short to say where, or a typo that may be in the first letters.
    const uint32_t count = term_count_.load(std::memory_order_acquire);
    for (uint32_t i = 0; i < count; ++i) consider(terms_[i]);
    return;
  }
  const Group* group = FindGroup(beginning);
  if (group->beginning.load(std::memory_order_acquire) != beginning) return;
  for (uint32_t at = group->head.load(std::memory_order_acquire); at != 0;) {
    const Term& term = terms_[at - 1];
    consider(term);
    at = term.next;
  }
}

std::optional<std::vector<uint16_t>> OpenTerms::Find(const TermQuery& query,
                                                     uint32_t row_count) const {
  RowBits rows((row_count + 63) / 64);
  if (query.match != TermQuery::Match::kExact) {
    GatherFitting(query, row_count, &rows);
  } else if (const std::optional<TermKey> key = KeyOf(query.term)) {
    const uint32_t place = FindSlot(*key);
    if (slots_[place].key.load(std::memory_order_acquire) == *key) {
      Gather(place, query.farthest, row_count, &rows);
    }
  }
  // Read last: rows added before the writer ran out of room are linked, later ones may not be.
  if (full_.load(std::memory_order_acquire)) return std::nullopt;
  return RowsOf(rows);
}

size_t OpenTerms::MemoryBytes() const {
  const size_t terms = term_count_.load(std::memory_order_relaxed);
  return terms * (sizeof(Slot) + sizeof(Term)) + group_count_ * sizeof(Group) +
         node_count_ * sizeof(Node);
}

}  // namespace tandem::catalog
