// SPDX-License-Identifier: Apache-2.0

// The scorer that the plugin rows of the benchmark call: a handful of operations a pair.
#include "tandem_plugin.hpp"

namespace {

class BenchScorer {
 public:
  static constexpr const char* kId = "bench-scorer";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    auto remoteness = problem.needs.f64("remoteness");
    auto days = problem.offers.f64("days");
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      double share = days[offer] * remoteness[need] / 5.0;
      score[pair] = share < 1 ? 1 - share : 0;
    });
  }
};

}  // namespace

TANDEM_PLUGIN(BenchScorer)
