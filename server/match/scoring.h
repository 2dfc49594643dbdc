// SPDX-License-Identifier: Apache-2.0

// From what scorers said to one integer a pair. Normalising is linear over the declared range, so
// another candidate never changes a score; from the normalised integers on nothing is floating
// point and every machine gets the same numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "tandem/v1/match_profile.pb.h"

namespace tandem::match {

// The best normalised and combined score; the worst is 0.
inline constexpr int32_t kFullScore = 1'000'000;

// One scorer's normalised scores.
struct NormalisedColumn {
  std::vector<int32_t> score;
  // All pairs (two or more) got the same.
  bool constant = false;
};

// Maps [low, high] onto 0..kFullScore, the other way round when lower is better; values outside are
// clipped. low < high; scores finite.
NormalisedColumn Normalise(absl::Span<const double> scores, double low, double high,
                           bool higher_is_better);

// A column with its weight (>= 1).
struct WeightedColumn {
  const NormalisedColumn* column = nullptr;
  int64_t weight = 1;
};

// Combined scores, 0..kFullScore. Without columns every pair gets kFullScore: any pair is then as
// good as another, and making it is better than not.
//   weighted sum      sum of weight × score / sum of weights, rounded to nearest
//   weighted product  geometric mean by weight; 0 when any score is 0
//   lexicographic     place among the candidates when ordered by the first column, then the next
//                     and so on, spread over 1..kFullScore; equal columns give equal scores
//   minimum           the lowest
std::vector<int64_t> Combine(v1::CombineRule rule, absl::Span<const WeightedColumn> columns,
                             size_t pairs, int threads);

// Integer logarithm and power behind the weighted product, in units of 2^-32. Exposed for tests.
// Log2Fixed: x >= 1. Exp2Fixed: 0 <= x < 2^38; rounds down.
int64_t Log2Fixed(uint32_t x);
uint64_t Exp2Fixed(int64_t x);

}  // namespace tandem::match
