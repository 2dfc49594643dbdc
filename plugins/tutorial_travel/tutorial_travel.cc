// SPDX-License-Identifier: Apache-2.0

// The tutorial's scorer: the farther the receiving county, the lower the score, down to 0 at
// `max_hours` of travel. README.md beside this file builds it step by step; a test follows it.
#include "tandem_plugin.hpp"

#include <cmath>

namespace {

// Straight-line kilometres between two points in degrees; good enough to rank, and uses only
// operations that give the same bits on every machine.
double Kilometres(double lat1, double lng1, double lat2, double lng2) {
  constexpr double kKmPerDegree = 111.2;
  double middle = (lat1 + lat2) / 2 * 0.017453292519943295;
  double shrink = 1 - middle * middle / 2 + middle * middle * middle * middle / 24;
  double north = (lat1 - lat2) * kKmPerDegree;
  double east = (lng1 - lng2) * kKmPerDegree * shrink;
  return std::sqrt(north * north + east * east);
}

class TutorialTravel {
 public:
  static constexpr const char* kId = "tutorial-travel";
  static constexpr const char* kVersion = "1.0.0";

  explicit TutorialTravel(const tandem::Config& config)
      : max_hours_(config.number("max_hours", 24)), km_per_hour_(config.number("km_per_hour", 80)) {
    if (max_hours_ <= 0 || km_per_hour_ <= 0) {
      throw tandem::Error(TANDEM_BAD_CONFIG, "max_hours and km_per_hour must be above 0");
    }
  }

  void Score(const tandem::Problem& problem, tandem::Span<double> score) const {
    auto there_lat = problem.needs.i64("region.latitude_e7");
    auto there_lng = problem.needs.i64("region.longitude_e7");
    auto here_lat = problem.offers.i64("home.latitude_e7");
    auto here_lng = problem.offers.i64("home.longitude_e7");
    problem.ForEachPair([&](size_t pair, size_t need, size_t offer) {
      // A place that is not known tells nothing for or against: the middle of the range.
      if (!there_lat.has(need) || !here_lat.has(offer)) {
        score[pair] = 0.5;
        return;
      }
      double km = Kilometres(
          static_cast<double>(there_lat[need]) / 1e7, static_cast<double>(there_lng[need]) / 1e7,
          static_cast<double>(here_lat[offer]) / 1e7, static_cast<double>(here_lng[offer]) / 1e7);
      double share = km / km_per_hour_ / max_hours_;
      score[pair] = share < 1 ? 1 - share : 0;
    });
  }

 private:
  double max_hours_;
  double km_per_hour_;
};

}  // namespace

TANDEM_PLUGIN(TutorialTravel)
