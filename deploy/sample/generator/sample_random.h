// SPDX-License-Identifier: Apache-2.0

// The sample's only source of chance: SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom
// Number Generators, OOPSLA 2014). The standard library's distributions differ between
// implementations; these do not, so one seed gives the same records on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tandem::sample {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // 64 random bits.
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // 0 … n-1; n > 0. The bias of the modulo is far below what a sample could show.
  uint64_t Below(uint64_t n) { return Next() % n; }
  // low … high, both possible.
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1));
  }
  // True in permille of 1,000 cases.
  bool Chance(int permille) { return Below(1000) < static_cast<uint64_t>(permille); }
  // An index with probability proportional to its weight; at least one weight is positive.
  size_t Weighted(const std::vector<int64_t>& weights) {
    int64_t sum = 0;
    for (int64_t weight : weights) sum += weight;
    auto at = static_cast<int64_t>(Below(static_cast<uint64_t>(sum)));
    for (size_t i = 0; i < weights.size(); ++i) {
      at -= weights[i];
      if (at < 0) return i;
    }
    return weights.size() - 1;
  }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }

 private:
  uint64_t state_;
};

}  // namespace tandem::sample
