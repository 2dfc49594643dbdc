// SPDX-License-Identifier: Apache-2.0

// One synthetic round: corridors, offers, needs, running pairings, and the profile its runs use.
// Corridors are made up too; only the regions they join are real.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "made_up_agencies.h"
#include "real_regions.h"
#include "sample_random.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::sample {

// A corridor before its quota is known.
struct CorridorPlan {
  std::string id;
  std::string supporting;  // province, two digits
  std::string receiving;
  int weight = 1;
};

// The corridors of the sample, in-province ones included.
const std::vector<CorridorPlan>& CorridorPlans();

// Everything of the round; agencies must be made before, as offers need them.
struct MadeUpRound {
  v1::Round round;
  std::vector<v1::Offer> offers;
  std::vector<v1::Need> needs;
  std::vector<v1::Pairing> pairings;
};

struct RoundSizes {
  int64_t offers = 118;
  int64_t needs = 160;
};

// Makes the round. `strong` are agencies that can send slots, by province; `local` the receiving
// ones, by county code (one a county at most).
MadeUpRound MakeRound(const RealRegions& regions,
                      const std::map<std::string, std::vector<AgencySketch>>& strong,
                      const std::map<std::string, AgencySketch>& local, const RoundSizes& sizes,
                      uint64_t seed);

// Counties the needs of the sample come from, in order; MakeRound uses the same ones for the same
// seed.
std::vector<std::string> NeedCounties(const RealRegions& regions, int64_t needs, uint64_t seed);

// The profile of the sample's round: domain defaults, weights summing to 1,000.
v1::MatchProfile DefaultProfile(const RoundSizes& sizes);

}  // namespace tandem::sample
