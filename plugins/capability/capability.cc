// SPDX-License-Identifier: Apache-2.0

// The scorer capability: strength of the agency × weakness of the county's sector, so that strong
// agencies go where the sector is weakest.
//
//   strength  2/5 grade (points/1000 when reported, else grade/5) + 3/10 certified staff / all
//   staff
//             + 3/10 min(longest practice in years, 10)/10; what is not reported counts half
//   weakness  1 − sector index / 1000; half when there is no index

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tandem_plugin.hpp"

namespace {

class Capability {
 public:
  static constexpr const char* kId = "capability";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    const auto sector = problem.needs.i64("region.sector_index_permille");
    const std::vector<double> strength = Strengths(problem.offers);
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      const double weakness =
          sector.has(need) ? 1.0 - static_cast<double>(sector[need]) / 1000.0 : 0.5;
      score[pair] = strength[offer] * weakness;
    });
  }

 private:
  static std::vector<double> Strengths(const tandem::Table& offers) {
    const auto grade = offers.i64("agency.grade");
    const auto points = offers.i64("agency.points");
    const auto total = offers.i64("agency.staff_total");
    const auto certified = offers.i64("agency.staff_certified");
    const auto years = offers.codes("agency.category_years");
    std::vector<double> strength(offers.size());
    for (size_t i = 0; i < offers.size(); ++i) {
      const double by_grade = points.has(i) ? static_cast<double>(points[i]) / 1000.0
                                            : static_cast<double>(grade[i]) / 5.0;
      double by_staff = 0.5;
      if (total.has(i) && certified.has(i) && total[i] > 0) {
        by_staff = std::min(1.0, static_cast<double>(certified[i]) / static_cast<double>(total[i]));
      }
      uint32_t longest = 0;
      for (uint32_t code : years[i]) longest = std::max(longest, code);
      const double by_years = longest == 0 ? 0.5 : std::min(longest - 1, 10U) / 10.0;
      strength[i] = 0.4 * by_grade + 0.3 * by_staff + 0.3 * by_years;
    }
    return strength;
  }
};

}  // namespace

TANDEM_PLUGIN(Capability)
