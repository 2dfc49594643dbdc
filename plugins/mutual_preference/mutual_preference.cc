// SPDX-License-Identifier: Apache-2.0

// The scorer mutual-preference: the mean of how high each side put the other. A place in an order
// of n counts (n − place) / n with the first at place 0; not being in a given order counts 0; no
// order at all counts 1/2.

#include <cstddef>
#include <cstdint>

#include "tandem_plugin.hpp"

namespace {

class MutualPreference {
 public:
  static constexpr const char* kId = "mutual-preference";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    const auto need_id = problem.needs.code("id");
    const auto place = problem.needs.codes("region.ancestors");
    const auto county_order = problem.needs.codes("preferences");
    const auto agency = problem.offers.code("agency");
    const auto agency_order = problem.offers.codes("preferences");
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      const double by_county =
          Wish(county_order[need], [&](uint32_t code) { return code == agency[offer]; });
      const double by_agency = Wish(agency_order[offer], [&](uint32_t code) {
        if (code == need_id[need]) return true;
        for (uint32_t unit : place[need]) {
          if (code == unit) return true;
        }
        return false;
      });
      score[pair] = 0.5 * by_county + 0.5 * by_agency;
    });
  }

 private:
  template <typename Matches>
  static double Wish(tandem::Span<const uint32_t> order, Matches&& matches) {
    if (order.empty()) return 0.5;
    for (size_t i = 0; i < order.size(); ++i) {
      if (matches(order[i]))
        return static_cast<double>(order.size() - i) / static_cast<double>(order.size());
    }
    return 0.0;
  }
};

}  // namespace

TANDEM_PLUGIN(MutualPreference)
