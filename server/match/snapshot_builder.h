// SPDX-License-Identifier: Apache-2.0

// Turns parsed records into the rows of a RoundSnapshot, one kind after the other: regions, fields,
// agencies, needs, offers, pairings. Serial, so that codes are the same on every machine; the
// loader parses in parallel around it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "match/round_snapshot.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::match {

// Not thread-safe. Call in the order of declaration.
class SnapshotBuilder {
 public:
  explicit SnapshotBuilder(RoundSnapshot* snapshot) : snapshot_(snapshot) {}

  // All regions and all fields, by name.
  void AddRegions(const std::vector<v1::Region>& regions);
  void AddCategories(const std::vector<v1::ServiceCategory>& categories);
  // The round's corridors.
  void AddRound(const v1::Round& round);
  // In name order. Drafts and withdrawn ones must have been left out; agencies may follow later.
  void AddNeed(const v1::Need& need);
  void AddOffer(const v1::Offer& offer);
  // Agencies that needs or offers name, as stored: what lapsed by the run's day is left out here.
  void AddAgency(const v1::Agency& stored);
  // After all agencies: what offers and needs take from them.
  void JoinAgencies();
  // In name order.
  void AddPairing(const v1::Pairing& pairing);
  // After the last pairing.
  void Finish();

 private:
  // Every name in `names` as a code of `dictionary`, in order.
  template <typename Names>
  CodeRange InternAll(const Names& names, Dictionary* dictionary);
  template <typename Names>
  CodeRange InternLanguages(const Names& names);
  Code InternAgency(std::string_view name);
  AgencyRow* agency(Code code) { return &snapshot_->agency_rows[code]; }

  // What is only needed while building.
  struct History {
    std::vector<Code> regions, receivers;
  };

  RoundSnapshot* const snapshot_;
  std::vector<History> history_;
  // Pairings of an offer or need whose other side is not in the run: they take room.
  std::vector<int64_t> need_taken_, offer_taken_;
  std::vector<KeptPairing> kept_;
  // Preferences as written, until the needs are known.
  std::vector<std::vector<std::string>> offer_preferences_;
  int64_t wrong_units_ = 0;
  int64_t lapsed_groups_ = 0;
  v1::SlotUnit slot_unit_;
};

}  // namespace tandem::match
