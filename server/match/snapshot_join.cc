// SPDX-License-Identifier: Apache-2.0

// The second half of building a snapshot: what offers take from their agencies, and what pairings
// take from both sides.

#include <algorithm>
#include <utility>

#include "match/snapshot_builder.h"
#include "model/absl_strings.h"
#include "model/pairing_states.h"

namespace tandem::match {

void SnapshotBuilder::JoinAgencies() {
  RoundSnapshot& s = *snapshot_;
  for (OfferRow& offer : s.offers) {
    const AgencyRow& row = s.agency_rows[offer.agency];
    if (offer.categories.empty()) offer.categories = row.categories;
    if (offer.languages.empty()) offer.languages = row.languages;
  }
  for (size_t i = 0; i < s.offers.size(); ++i) {
    std::vector<Code> codes;
    for (const std::string& name : offer_preferences_[i]) {
      if (Code region = s.regions.Find(name); region != kNoCode) {
        codes.push_back(region);
      } else if (std::optional<uint32_t> need = s.FindNeed(name)) {
        codes.push_back(static_cast<Code>(s.regions.size()) + *need);
      }
    }
    s.offers[i].preferences = s.pool.Add(codes);
  }
  offer_preferences_.clear();
  need_taken_.assign(s.needs.size(), 0);
  offer_taken_.assign(s.offers.size(), 0);
  if (lapsed_groups_ > 0) {
    s.warnings.push_back(StrCat("the assurance of ", lapsed_groups_,
                                " field groups of agencies had lapsed by ", s.as_of_date,
                                ": they count as not reported"));
  }
  if (wrong_units_ > 0) {
    s.warnings.push_back(
        StrCat(wrong_units_, " offers and needs count slots in another unit than the round"));
  }
}

void SnapshotBuilder::AddPairing(const v1::Pairing& pairing) {
  RoundSnapshot& s = *snapshot_;
  const Code code = s.agencies.Find(pairing.agency());
  const bool takes_slots = model::PairingTakesSlots(pairing.state());
  if (code != kNoCode && agency(code)->known) {
    AgencyRow* row = agency(code);
    if (pairing.state() == v1::PAIRING_STATE_COMPLETED) ++row->completed_pairings;
    if (pairing.state() == v1::PAIRING_STATE_FAILED) ++row->failed_pairings;
    if (takes_slots || pairing.state() == v1::PAIRING_STATE_COMPLETED) {
      if (Code region = s.regions.Find(pairing.receiving_region()); region != kNoCode) {
        history_[code].regions.push_back(region);
      }
      if (!pairing.receiving_agency().empty()) {
        const Code receiver = InternAgency(pairing.receiving_agency());
        history_[code].receivers.push_back(receiver);
      }
    }
  }
  const int64_t units = model::SlotsTaken(pairing.state(), pairing.slots());
  if (units == 0) return;
  std::optional<uint32_t> need, offer;
  if (!pairing.need().empty()) need = s.FindNeed(pairing.need());
  if (!pairing.offer().empty()) offer = s.FindOffer(pairing.offer());
  if (need && offer) {
    kept_.push_back({*need, *offer, units});
  } else if (need) {
    need_taken_[*need] += units;
  } else if (offer) {
    offer_taken_[*offer] += units;
  }
}

void SnapshotBuilder::Finish() {
  RoundSnapshot& s = *snapshot_;
  for (size_t code = 0; code < history_.size(); ++code) {
    for (std::vector<Code>* list : {&history_[code].regions, &history_[code].receivers}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    s.agency_rows[code].earlier_regions = s.pool.Add(history_[code].regions);
    s.agency_rows[code].earlier_receivers = s.pool.Add(history_[code].receivers);
  }
  std::sort(kept_.begin(), kept_.end(), [](const KeptPairing& a, const KeptPairing& b) {
    return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
  });
  std::vector<int64_t> need_kept(s.needs.size(), 0), offer_kept(s.offers.size(), 0);
  for (const KeptPairing& kept : kept_) {
    need_kept[kept.need] += kept.units;
    offer_kept[kept.offer] += kept.units;
    if (!s.kept.empty() && s.kept.back().need == kept.need && s.kept.back().offer == kept.offer) {
      s.kept.back().units += kept.units;
    } else {
      s.kept.push_back(kept);
    }
  }
  // A pairing is kept even when somebody lowered the slots below it: then they are what it takes.
  int64_t overdrawn = 0;
  auto settle = [&overdrawn](int64_t slots, int64_t taken, int64_t kept) {
    const int64_t left = model::SlotsLeft(slots, taken);
    if (left < kept) ++overdrawn;
    return std::max(left, kept);
  };
  for (size_t i = 0; i < s.needs.size(); ++i) {
    s.needs[i].units = settle(s.needs[i].slots, need_taken_[i], need_kept[i]);
  }
  for (size_t i = 0; i < s.offers.size(); ++i) {
    s.offers[i].units = settle(s.offers[i].slots, offer_taken_[i], offer_kept[i]);
  }
  if (overdrawn > 0) {
    s.warnings.push_back(
        StrCat(overdrawn, " offers or needs have fewer slots than their kept pairings take"));
  }
}

}  // namespace tandem::match
