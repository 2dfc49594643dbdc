// SPDX-License-Identifier: Apache-2.0

#include "match/scoring.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>

#include "match/parallel.h"
#include "match/wide_integer.h"

namespace tandem::match {
namespace {

constexpr size_t kGrain = 1 << 16;
constexpr int kFractionBits = 32;

using Columns = absl::Span<const WeightedColumn>;

// 2^(2^-(i+1)) in units of 2^-62, by repeated integer square roots of 2.
std::array<uint64_t, kFractionBits> MakeRoots() {
  std::array<uint64_t, kFractionBits> roots{};
  UnsignedWide value = static_cast<UnsignedWide>(2) << 62;
  for (uint64_t& root : roots) {
    // root = floor(sqrt(value × 2^62)), bit by bit.
    const UnsignedWide square = value << 62;
    uint64_t found = 0;
    for (int bit = 63; bit >= 0; --bit) {
      const uint64_t tried = found | (uint64_t{1} << bit);
      if (static_cast<UnsignedWide>(tried) * tried <= square) found = tried;
    }
    root = found;
    value = found;
  }
  return roots;
}

const std::array<uint64_t, kFractionBits>& Roots() {
  static const std::array<uint64_t, kFractionBits> roots = MakeRoots();
  return roots;
}

int64_t WeightSum(Columns columns) {
  int64_t sum = 0;
  for (const WeightedColumn& column : columns) sum += column.weight;
  return sum;
}

void WeightedSum(Columns columns, size_t begin, size_t end, std::vector<int64_t>* out) {
  const int64_t total = WeightSum(columns);
  for (size_t p = begin; p < end; ++p) {
    int64_t sum = total / 2;
    for (const WeightedColumn& column : columns) sum += column.weight * column.column->score[p];
    (*out)[p] = sum / total;
  }
}

void WeightedProduct(Columns columns, size_t begin, size_t end, std::vector<int64_t>* out) {
  const int64_t total = WeightSum(columns);
  for (size_t p = begin; p < end; ++p) {
    Wide sum = 0;
    bool zero = false;
    for (const WeightedColumn& column : columns) {
      const int32_t score = column.column->score[p];
      zero = zero || score == 0;
      if (!zero) sum += static_cast<Wide>(column.weight) * Log2Fixed(static_cast<uint32_t>(score));
    }
    // Half a unit of the last logarithm bit is far below half a point: rounding up by one unit of
    // the sum keeps equal scores at their own value.
    const auto mean = static_cast<int64_t>((sum + total - 1) / total);
    (*out)[p] = zero ? 0 : std::min<int64_t>(static_cast<int64_t>(Exp2Fixed(mean + 1)), kFullScore);
  }
}

void Minimum(Columns columns, size_t begin, size_t end, std::vector<int64_t>* out) {
  for (size_t p = begin; p < end; ++p) {
    int32_t least = kFullScore;
    for (const WeightedColumn& column : columns) least = std::min(least, column.column->score[p]);
    (*out)[p] = least;
  }
}

void Lexicographic(Columns columns, std::vector<int64_t>* out) {
  std::vector<uint32_t> order(out->size());
  std::iota(order.begin(), order.end(), 0);
  auto compare = [&columns](uint32_t a, uint32_t b) {
    for (const WeightedColumn& column : columns) {
      const int32_t left = column.column->score[a], right = column.column->score[b];
      if (left != right) return left < right ? -1 : 1;
    }
    return 0;
  };
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return compare(a, b) < 0; });
  int64_t place = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || compare(order[i - 1], order[i]) != 0) ++place;
    (*out)[order[i]] = place;
  }
  for (int64_t& score : *out) score = (score * kFullScore + place - 1) / place;
}

}  // namespace

int64_t Log2Fixed(uint32_t x) {
  const int whole = std::bit_width(x) - 1;
  // y = x / 2^whole in [1, 2), in units of 2^-62; each squaring reveals one more bit.
  uint64_t y = static_cast<uint64_t>(x) << (62 - whole);
  int64_t result = whole;
  for (int i = 0; i < kFractionBits; ++i) {
    y = static_cast<uint64_t>((static_cast<UnsignedWide>(y) * y) >> 62);
    result <<= 1;
    if (y >= (uint64_t{2} << 62)) {
      result |= 1;
      y >>= 1;
    }
  }
  return result;
}

uint64_t Exp2Fixed(int64_t x) {
  const int whole = static_cast<int>(x >> kFractionBits);
  uint64_t y = uint64_t{1} << 62;
  for (int i = 0; i < kFractionBits; ++i) {
    if (((x >> (kFractionBits - 1 - i)) & 1) != 0) {
      y = static_cast<uint64_t>((static_cast<UnsignedWide>(y) * Roots()[static_cast<size_t>(i)]) >>
                                62);
    }
  }
  return static_cast<uint64_t>((static_cast<UnsignedWide>(y) << whole) >> 62);
}

NormalisedColumn Normalise(absl::Span<const double> scores, double low, double high,
                           bool higher_is_better) {
  NormalisedColumn column;
  column.score.resize(scores.size());
  const double span = high - low;
  for (size_t p = 0; p < scores.size(); ++p) {
    const double share = (scores[p] - low) / span;
    const auto value =
        static_cast<int32_t>(std::floor(std::clamp(share, 0.0, 1.0) * kFullScore + 0.5));
    column.score[p] = higher_is_better ? value : kFullScore - value;
  }
  column.constant = column.score.size() > 1 &&
                    std::all_of(column.score.begin(), column.score.end(),
                                [&column](int32_t score) { return score == column.score.front(); });
  return column;
}

std::vector<int64_t> Combine(v1::CombineRule rule, absl::Span<const WeightedColumn> columns,
                             size_t pairs, int threads) {
  std::vector<int64_t> combined(pairs, kFullScore);
  if (columns.empty()) return combined;
  if (rule == v1::COMBINE_RULE_LEXICOGRAPHIC) {
    Lexicographic(columns, &combined);
    return combined;
  }
  auto piece = rule == v1::COMBINE_RULE_WEIGHTED_PRODUCT ? WeightedProduct
               : rule == v1::COMBINE_RULE_MINIMUM        ? Minimum
                                                         : WeightedSum;
  ParallelFor(threads, pairs, kGrain,
              [&](size_t begin, size_t end, int) { piece(columns, begin, end, &combined); });
  return combined;
}

}  // namespace tandem::match
