// SPDX-License-Identifier: Apache-2.0

// Rounds for tests of the match layer: one small round in which a single pair keeps every rule, and
// random rounds in which every rule has work to do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "match/round_snapshot.h"
#include "memory_source.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::match {

// The day validity is judged on in these rounds.
inline constexpr char kDay[] = "2026-03-01";
inline constexpr char kRoundName[] = "rounds/r";

// Every record of a round, to be changed before it is read.
struct SampleRound {
  v1::Round round;
  v1::MatchProfile profile;
  std::vector<v1::Region> regions;
  std::vector<v1::ServiceCategory> categories;
  std::vector<v1::Agency> agencies;
  std::vector<v1::Need> needs;
  std::vector<v1::Offer> offers;
  std::vector<v1::Pairing> pairings;

  // Null when there is none of that name.
  v1::Region* region(const std::string& name);
  v1::ServiceCategory* category(const std::string& name);
  v1::Agency* agency(const std::string& name);

  // The records as a directory; with `reversed` put in the opposite order.
  std::unique_ptr<MemorySource> Source(bool reversed = false) const;
};

// needs/n (2 slots of elderly care in a high county of the west) and offers/o (2 slots of an agency
// of the east) along corridor "east-west"; every rule is asked for and every rule holds.
SampleRound OnePairRound();

// Up to `most` needs and as many offers with properties drawn from `seed` so that each rule drops
// some pairs and many stay; some pairings are kept.
SampleRound RandomRound(uint32_t seed, int most = 12);

// The round as runs see it. Ends the program on an error: the maker of the round is wrong then.
std::shared_ptr<const RoundSnapshot> SnapshotOf(const RecordSource& source, int threads = 1);

}  // namespace tandem::match
