// SPDX-License-Identifier: Apache-2.0

// The scorer localisation: methods must fit the place.
//
//   2/5  share of the place's languages (required ones, else those of the region) that the workers
//   speak; 1/2
//        when the place names none
//   3/10 the agency worked in an ethnic area that holds the county
//   3/20 one of its methods was adapted for a region that holds the county
//   3/20 the need names a local partner

#include <algorithm>
#include <cstdint>

#include "tandem_plugin.hpp"

namespace {

class Localisation {
 public:
  static constexpr const char* kId = "localisation";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    const auto place = problem.needs.codes("region.ancestors");
    const auto required = problem.needs.codes("required_languages");
    const auto spoken_there = problem.needs.codes("region.languages");
    const auto partner = problem.needs.code("receiver.name");
    const auto languages = problem.offers.codes("languages");
    const auto areas = problem.offers.codes("agency.ethnic_area_experience");
    const auto methods = problem.offers.codes("agency.adapted_methods_regions");
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      const auto wanted = required[need].empty() ? spoken_there[need] : required[need];
      score[pair] = 0.4 * ShareSpoken(wanted, languages[offer]) +
                    0.3 * (Meet(place[need], areas[offer]) ? 1.0 : 0.0) +
                    0.15 * (Meet(place[need], methods[offer]) ? 1.0 : 0.0) +
                    0.15 * (partner.has(need) ? 1.0 : 0.0);
    });
  }

 private:
  using Codes = tandem::Span<const uint32_t>;

  static bool Holds(Codes list, uint32_t code) {
    return std::find(list.begin(), list.end(), code) != list.end();
  }
  static bool Meet(Codes a, Codes b) {
    return std::any_of(b.begin(), b.end(), [&](uint32_t code) { return Holds(a, code); });
  }
  static double ShareSpoken(Codes wanted, Codes spoken) {
    if (wanted.empty()) return 0.5;
    size_t count = 0;
    for (uint32_t language : wanted) count += Holds(spoken, language) ? 1 : 0;
    return static_cast<double>(count) / static_cast<double>(wanted.size());
  }
};

}  // namespace

TANDEM_PLUGIN(Localisation)
