// SPDX-License-Identifier: Apache-2.0

// Sets of offers as plain bits, and one counter a bit that adds whole sets at once. Sized once.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace tandem::match {

// A fixed number of bits.
class Bitset {
 public:
  Bitset() = default;
  explicit Bitset(size_t bits, bool value = false)
      : bits_(bits), words_((bits + 63) / 64, value ? ~uint64_t{0} : 0) {
    ClearTail();
  }
  size_t size() const { return bits_; }
  size_t words() const { return words_.size(); }
  uint64_t word(size_t i) const { return words_[i]; }
  uint64_t& word(size_t i) { return words_[i]; }

  void Set(size_t bit) { words_[bit / 64] |= uint64_t{1} << (bit % 64); }
  void Clear(size_t bit) { words_[bit / 64] &= ~(uint64_t{1} << (bit % 64)); }
  bool Test(size_t bit) const { return ((words_[bit / 64] >> (bit % 64)) & 1U) != 0; }
  void Fill(bool value) {
    for (uint64_t& word : words_) word = value ? ~uint64_t{0} : 0;
    ClearTail();
  }
  Bitset& operator|=(const Bitset& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    return *this;
  }
  Bitset& operator&=(const Bitset& other) {
    for (size_t i = 0; i < words_.size(); ++i) words_[i] &= other.words_[i];
    return *this;
  }
  size_t Count() const {
    size_t count = 0;
    for (uint64_t word : words_) count += static_cast<size_t>(std::popcount(word));
    return count;
  }
  // Calls visit(bit) for every set bit, ascending, until it returns false.
  template <typename Visitor>
  void ForEachUntil(Visitor&& visit) const {
    for (size_t i = 0; i < words_.size(); ++i) {
      for (uint64_t word = words_[i]; word != 0; word &= word - 1) {
        if (!visit(i * 64 + static_cast<size_t>(std::countr_zero(word)))) return;
      }
    }
  }
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    ForEachUntil([&visit](size_t bit) {
      visit(bit);
      return true;
    });
  }

 private:
  void ClearTail() {
    if (bits_ % 64 != 0 && !words_.empty()) {
      words_.back() &= (uint64_t{1} << (bits_ % 64)) - 1;
    }
  }
  size_t bits_ = 0;
  std::vector<uint64_t> words_;
};

// One counter a bit, kept as bit planes: adding a set costs a few operations a word, not one a
// member, so 30 million pairs are counted per offer in milliseconds.
class BitCounters {
 public:
  explicit BitCounters(size_t bits) : words_((bits + 63) / 64) {}
  // Adds one to the counter of each bit set in `word`, the i-th of the set.
  void AddWord(size_t i, uint64_t word) {
    for (size_t plane = 0; word != 0; ++plane) {
      if (plane == planes_.size()) planes_.emplace_back(words_, 0);
      const uint64_t carry = planes_[plane][i] & word;
      planes_[plane][i] ^= word;
      word = carry;
    }
  }
  // Adds every counter to totals[bit].
  void AddTo(std::vector<int64_t>* totals) const {
    for (size_t plane = 0; plane < planes_.size(); ++plane) {
      for (size_t i = 0; i < words_; ++i) {
        for (uint64_t word = planes_[plane][i]; word != 0; word &= word - 1) {
          (*totals)[i * 64 + static_cast<size_t>(std::countr_zero(word))] += int64_t{1} << plane;
        }
      }
    }
  }

 private:
  size_t words_;
  std::vector<std::vector<uint64_t>> planes_;
};

}  // namespace tandem::match
