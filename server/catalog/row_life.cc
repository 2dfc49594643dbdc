// SPDX-License-Identifier: Apache-2.0

#include "catalog/row_life.h"

#include <algorithm>

namespace tandem::catalog {

RowLife::RowLife(uint32_t capacity)
    : capacity_(capacity), born_at_(capacity), dead_at_(capacity), deaths_(capacity) {}

void RowLife::Die(uint32_t row, store::Revision revision) {
  dead_at_[row].store(revision, std::memory_order_release);
  uint32_t count = dead_count_.load(std::memory_order_relaxed);
  deaths_[count] = static_cast<uint16_t>(row);
  dead_count_.store(count + 1, std::memory_order_release);
}

uint32_t RowLife::DeathsUntil(store::Revision revision) const {
  // Deaths are in revision order: those at or before `revision` are a prefix.
  uint32_t low = 0, high = dead_count();
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (died_at(deaths_[middle]) <= revision) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::vector<uint32_t> RowLife::DeathsAfter(store::Revision revision) const {
  std::vector<uint32_t> rows;
  const uint32_t end = dead_count();
  for (uint32_t i = DeathsUntil(revision); i < end; ++i) rows.push_back(deaths_[i]);
  return rows;
}

AliveRows RowLife::AliveAt(store::Revision revision, uint32_t row_count) const {
  const uint32_t low = DeathsUntil(revision);
  if (low == 0) return AliveRows(row_count);

  absl::MutexLock lock(&mu_);
  if (cached_words_ == nullptr || cached_deaths_ != low) {
    // Dead rows of an older view can't be brought back from the kept answer, so that one starts
    // afresh.
    bool from_cache = cached_words_ != nullptr && cached_deaths_ < low;
    auto words = from_cache
                     ? std::make_shared<std::vector<uint64_t>>(*cached_words_)
                     : std::make_shared<std::vector<uint64_t>>((capacity_ + 63) / 64, ~uint64_t{0});
    for (uint32_t i = from_cache ? cached_deaths_ : 0; i < low; ++i) {
      (*words)[deaths_[i] / 64] &= ~(uint64_t{1} << (deaths_[i] % 64));
    }
    // An older view does not push out the answer that newer ones share.
    if (cached_words_ != nullptr && cached_deaths_ > low) {
      return AliveRows(row_count, row_count - low, std::move(words));
    }
    cached_words_ = std::move(words);
    cached_deaths_ = low;
  }
  return AliveRows(row_count, row_count - low, cached_words_);
}

size_t RowLife::MemoryBytes(uint32_t row_count) const {
  const size_t dead = dead_count();
  // Stamps of dead rows lie anywhere: a page each at worst.
  const size_t stamps = std::min<size_t>(dead * 4096, row_count * sizeof(store::Revision));
  return row_count * sizeof(store::Revision) + stamps + dead * sizeof(uint16_t);
}

}  // namespace tandem::catalog
