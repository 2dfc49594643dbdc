// SPDX-License-Identifier: Apache-2.0

#include "catalog/open_postings.h"

#include <cstring>

#include "xxhash.h"

namespace tandem::catalog {
namespace {

// Room for values: agencies of the sample have about 45. Address space only, until it is used.
constexpr uint32_t kEntriesPerRow = 256;
constexpr uint32_t kChainsPerRow = 16;

uint64_t ChainsFor(uint32_t rows) {
  uint64_t chains = 64;
  while (chains < uint64_t{rows} * kChainsPerRow) chains *= 2;
  return chains;
}

uint64_t HashText(FieldId field, std::string_view value) {
  return XXH3_64bits_withSeed(value.data(), value.size(), field);
}

uint64_t HashInteger(FieldId field, int64_t value) {
  return XXH3_64bits_withSeed(&value, sizeof(value), field);
}

uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32U); }

}  // namespace

OpenPostings::OpenPostings(uint32_t rows)
    : mask_(ChainsFor(rows) - 1),
      capacity_(rows * kEntriesPerRow),
      heads_(mask_ + 1),
      entries_(capacity_) {}

void OpenPostings::Add(const FieldTable& table, const RowBlob& values, uint32_t row) {
  if (full_) return;
  for (const IndexedField& field : table.fields()) {
    // Times are compared, hardly ever equal.
    if (field.id < kFirstBodyField || field.kind == FieldKind::kTimestamp) continue;
    const uint32_t size = values.Size(field);
    for (uint32_t i = 0; i < size; ++i) {
      if (!field.is_text()) {
        AddValue(HashInteger(field.id, values.Integer(field, i)), row);
      } else if (std::string_view text = values.Text(field, i); text.size() <= kMaxTextBytes) {
        AddValue(HashText(field.id, text), row);
      }
    }
  }
  if (!full_) covered_.store(row + 1, std::memory_order_release);
}

void OpenPostings::AddValue(uint64_t hash, uint32_t row) {
  if (used_ == capacity_) {
    full_ = true;
    return;
  }
  std::atomic<uint32_t>& head = heads_[hash & mask_];
  entries_[used_] = {TagOf(hash), head.load(std::memory_order_relaxed), static_cast<uint16_t>(row)};
  head.store(++used_, std::memory_order_release);
}

void OpenPostings::Find(FieldId field, std::string_view value, uint32_t row_count,
                        std::vector<uint16_t>* rows) const {
  FindHash(HashText(field, value), row_count, rows);
}

void OpenPostings::Find(FieldId field, int64_t value, uint32_t row_count,
                        std::vector<uint16_t>* rows) const {
  FindHash(HashInteger(field, value), row_count, rows);
}

void OpenPostings::FindHash(uint64_t hash, uint32_t row_count, std::vector<uint16_t>* rows) const {
  const size_t begin = rows->size();
  for (uint32_t at = heads_[hash & mask_].load(std::memory_order_acquire); at != 0;) {
    const Entry& entry = entries_[at - 1];
    at = entry.next;
    // Rows behind row_count belong to later views. A value that a row has twice follows itself.
    if (entry.tag != TagOf(hash) || entry.row >= row_count) continue;
    if (rows->size() > begin && rows->back() == entry.row) continue;
    rows->push_back(entry.row);
  }
}

}  // namespace tandem::catalog
