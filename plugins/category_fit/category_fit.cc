// SPDX-License-Identifier: Apache-2.0

// The scorer category-fit. For the offer's field nearest to the need's field:
//
//   closeness  1 the field itself or a mapped one; 3/4, 1/2, 1/4 for a broader one, one to three
//   steps up practice   1/2 + 3/10 level/5 + 1/5 min(years, 10)/10; what is not reported counts
//   half score      4/5 closeness × practice + 1/5 target group (1 served, 0 not, 1/2 when the need
//   names none)

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tandem_plugin.hpp"

namespace {

class CategoryFit {
 public:
  static constexpr const char* kId = "category-fit";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    const auto ancestors = problem.needs.codes("category.ancestors");
    const auto mapped = problem.needs.codes("category.mapped");
    const auto group = problem.needs.codes("target_group.ancestors");
    const auto fields = problem.offers.codes("categories");
    const auto offered_groups = problem.offers.codes("target_groups");
    const auto agency_groups = problem.offers.codes("agency.target_groups");
    const Practice practice(problem.offers);

    // How close each category is to the need at hand, by code; 0 for the others.
    std::vector<double> closeness(ancestors.dict_size(), 0.0);
    std::vector<uint32_t> set;
    for (size_t need = 0; need < problem.needs.size(); ++need) {
      for (uint32_t code : set) closeness[code] = 0.0;
      set.clear();
      double step = 1.0;
      for (uint32_t code : ancestors[need]) {
        closeness[code] = step;
        set.push_back(code);
        step = std::max(0.25, step - 0.25);
      }
      for (uint32_t code : mapped[need]) {
        closeness[code] = 1.0;
        set.push_back(code);
      }
      if ((need & 63U) == 0) problem.CheckStop();
      for (size_t pair = problem.first_pair(need); pair < problem.first_pair(need + 1); ++pair) {
        const size_t offer = problem.offer_of(pair);
        double best = 0.0;
        for (uint32_t code : fields[offer]) {
          if (closeness[code] > 0.0)
            best = std::max(best, closeness[code] * practice.Of(offer, code));
        }
        const auto served =
            offered_groups[offer].empty() ? agency_groups[offer] : offered_groups[offer];
        score[pair] = 0.8 * best + 0.2 * GroupFit(group[need], served);
      }
    }
  }

 private:
  // Level and years of an offer's agency in a field, as a factor of 1/2 to 1.
  class Practice {
   public:
    explicit Practice(const tandem::Table& offers)
        : fields_(offers.codes("agency.categories")),
          levels_(offers.codes("agency.category_levels")),
          years_(offers.codes("agency.category_years")) {}

    double Of(size_t offer, uint32_t field) const {
      const auto fields = fields_[offer];
      for (size_t i = 0; i < fields.size(); ++i) {
        if (fields[i] != field) continue;
        const uint32_t level = levels_[offer][i];
        const uint32_t years = years_[offer][i];
        const double by_level = level == 0 ? 0.5 : std::min(level, 5U) / 5.0;
        const double by_years = years == 0 ? 0.5 : std::min(years - 1, 10U) / 10.0;
        return 0.5 + 0.3 * by_level + 0.2 * by_years;
      }
      return 0.75;
    }

   private:
    tandem::CodeListColumn fields_;
    tandem::CodeListColumn levels_;
    tandem::CodeListColumn years_;
  };

  static double GroupFit(tandem::Span<const uint32_t> wanted, tandem::Span<const uint32_t> served) {
    if (wanted.empty() || served.empty()) return 0.5;
    for (uint32_t group : served) {
      if (std::find(wanted.begin(), wanted.end(), group) != wanted.end()) return 1.0;
    }
    return 0.0;
  }
};

}  // namespace

TANDEM_PLUGIN(CategoryFit)
