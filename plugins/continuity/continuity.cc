// SPDX-License-Identifier: Apache-2.0

// The scorer continuity: who worked together goes on together. 1 for the same receiving agency,
// 7/10 for the same county, 3/10 for another place in the same unit above the county, else 0. A
// province, the top unit, is too wide to count.

#include <algorithm>
#include <cstdint>

#include "tandem_plugin.hpp"

namespace {

class Continuity {
 public:
  static constexpr const char* kId = "continuity";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    const auto county = problem.needs.code("region.code");
    const auto place = problem.needs.codes("region.ancestors");
    const auto partner = problem.needs.code("receiver.name");
    const auto regions = problem.offers.codes("agency.earlier_regions");
    const auto receivers = problem.offers.codes("agency.earlier_receivers");
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      if (partner.has(need) && Holds(receivers[offer], partner[need])) {
        score[pair] = 1.0;
      } else if (Holds(regions[offer], county[need])) {
        score[pair] = 0.7;
      } else {
        const auto units = place[need];
        const bool near = units.size() > 2 && Holds(regions[offer], units[1]);
        score[pair] = near ? 0.3 : 0.0;
      }
    });
  }

 private:
  static bool Holds(tandem::Span<const uint32_t> list, uint32_t code) {
    return std::find(list.begin(), list.end(), code) != list.end();
  }
};

}  // namespace

TANDEM_PLUGIN(Continuity)
