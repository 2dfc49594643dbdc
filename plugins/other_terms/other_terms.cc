// SPDX-License-Identifier: Apache-2.0

// The scorer other-terms: small things that depend mostly on the agency alone.
//
//   2/5 track record    (completed + 5 × 4/5) / (completed + failed + 5): a mean shrunk towards 4/5
//   with weight 5 2/5 sustainability  half (1 − share of government purchase), half retention; not
//   reported counts half 1/5 travel          1 − distance / 4,000 km, at least 0; half when a point
//   is missing
//
// Distance is the flat approximation on a sphere of 6,371 km, with Bhaskara's rational cosine, so
// that only
// + − × ÷ and the square root are used and every machine gets the same bits.

#include <algorithm>
#include <cmath>
#include <vector>

#include "tandem_plugin.hpp"

namespace {

class OtherTerms {
 public:
  static constexpr const char* kId = "other-terms";
  static constexpr const char* kVersion = "1.0.0";

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    const Points there(problem.needs, "region.latitude_e7", "region.longitude_e7");
    const Points home(problem.offers, "home.latitude_e7", "home.longitude_e7");
    const std::vector<double> own = OwnTerms(problem.offers);
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      score[pair] = own[offer] + 0.2 * Nearness(there, need, home, offer);
    });
  }

 private:
  struct Points {
    Points(const tandem::Table& table, const char* latitude_name, const char* longitude_name)
        : latitude(table.i64(latitude_name)), longitude(table.i64(longitude_name)) {}
    bool has(size_t row) const { return latitude.has(row) && longitude.has(row); }
    tandem::NumberColumn<int64_t> latitude;
    tandem::NumberColumn<int64_t> longitude;
  };

  static std::vector<double> OwnTerms(const tandem::Table& offers) {
    const auto completed = offers.i64("agency.completed_pairings");
    const auto failed = offers.i64("agency.failed_pairings");
    const auto purchase = offers.i64("agency.government_share_permille");
    const auto retention = offers.i64("agency.retention_permille");
    std::vector<double> own(offers.size());
    for (size_t i = 0; i < offers.size(); ++i) {
      const auto good = static_cast<double>(completed[i]);
      const auto bad = static_cast<double>(failed[i]);
      const double record = (good + 5.0 * 0.8) / (good + bad + 5.0);
      const double independence =
          purchase.has(i) ? 1.0 - static_cast<double>(purchase[i]) / 1000.0 : 0.5;
      const double staying = retention.has(i) ? static_cast<double>(retention[i]) / 1000.0 : 0.5;
      own[i] = 0.4 * record + 0.4 * (0.5 * independence + 0.5 * staying);
    }
    return own;
  }

  static double Nearness(const Points& a, size_t i, const Points& b, size_t j) {
    if (!a.has(i) || !b.has(j)) return 0.5;
    constexpr double kKilometresPerDegree = 111.19492664455873;  // 6,371 km × pi / 180
    const double north = static_cast<double>(a.latitude[i] - b.latitude[j]) / 1e7;
    double east = static_cast<double>(a.longitude[i] - b.longitude[j]) / 1e7;
    if (east > 180.0) east -= 360.0;
    if (east < -180.0) east += 360.0;
    const double middle = static_cast<double>(a.latitude[i] + b.latitude[j]) / 2e7;
    const double cosine = (32400.0 - 4.0 * middle * middle) / (32400.0 + middle * middle);
    const double x = east * cosine;
    const double distance = kKilometresPerDegree * std::sqrt(north * north + x * x);
    return std::max(0.0, 1.0 - distance / 4000.0);
  }
};

}  // namespace

TANDEM_PLUGIN(OtherTerms)
