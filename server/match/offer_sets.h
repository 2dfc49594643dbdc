// SPDX-License-Identifier: Apache-2.0

// The hard rules as sets of offers. Bits stand for offers in the order of preference of the
// candidate limit (points, then sector index of the home region, both descending), so "the best k"
// are the first k bits of a set.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "match/bitset.h"
#include "match/round_snapshot.h"
#include "tandem/v1/match_profile.pb.h"

namespace tandem::match {

// Sets by key, made on first use. Thread-safe; a set never changes or moves once made.
class SetCache {
 public:
  template <typename Make>
  const Bitset& Get(uint64_t key, Make&& make) {
    {
      absl::ReaderMutexLock lock(&mu_);
      auto at = sets_.find(key);
      if (at != sets_.end()) return *at->second;
    }
    auto made = std::make_unique<const Bitset>(make());
    absl::MutexLock lock(&mu_);
    return *sets_.try_emplace(key, std::move(made)).first->second;
  }

 private:
  absl::Mutex mu_;
  absl::flat_hash_map<uint64_t, std::unique_ptr<const Bitset>> sets_ ABSL_GUARDED_BY(mu_);
};

// Thread-safe after construction.
class OfferSets {
 public:
  OfferSets(const RoundSnapshot& snapshot, const v1::HardRules& rules);

  size_t size() const { return order_.size(); }
  // The offer's row at a bit, and the bit of a row.
  uint32_t row(size_t bit) const { return order_[bit]; }
  uint32_t bit(uint32_t row) const { return bit_of_[row]; }
  // Bits with equal rank are equally good: only the keyed hash tells them apart.
  uint32_t rank(size_t bit) const { return rank_[bit]; }

  // Rules that look at the offer alone: offers that pass.
  const Bitset& active() const { return active_; }
  const Bitset& consented() const { return consented_; }
  const Bitset& with_room() const { return with_room_; }

  // Rules that look at both, for one need: each removes the offers that do not pass from `alive`.
  void KeepCorridor(const NeedRow& need, Bitset* alive);
  void KeepCategory(const NeedRow& need, Bitset* alive);
  void KeepUnexpired(const NeedRow& need, Bitset* alive);
  void KeepGrade(const NeedRow& need, Bitset* alive);
  void KeepGap(const NeedRow& need, Bitset* alive);
  void KeepLanguages(const NeedRow& need, Bitset* alive);
  void KeepAltitude(const NeedRow& need, Bitset* alive) const;
  void KeepDates(const NeedRow& need, Bitset* alive) const;
  void KeepAcceptedRegions(const NeedRow& need, Bitset* alive) const;
  void KeepUnrefusedRegions(const NeedRow& need, Bitset* alive) const;
  void KeepUnrefusedAgencies(const NeedRow& need, Bitset* alive) const;
  void KeepOtherAgencies(const NeedRow& need, Bitset* alive) const;
  void KeepUnforbidden(const NeedRow& need, Bitset* alive) const;

 private:
  using BitLists = absl::flat_hash_map<Code, std::vector<uint32_t>>;

  template <typename Pass>
  Bitset Where(Pass&& pass) const;
  template <typename Pass>
  void KeepWhere(Bitset* alive, Pass&& pass) const;
  const OfferRow& offer(size_t bit) const { return s_.offers[order_[bit]]; }
  const AgencyRow& agency(size_t bit) const { return s_.agency_rows[offer(bit).agency]; }
  bool GapWaived(const NeedRow& need) const;
  void OrderOffers();
  void IndexForbidden(const v1::HardRules& rules);

  const RoundSnapshot& s_;
  const bool ignore_category_, ignore_languages_, ignore_altitude_, ignore_dates_;
  const bool waive_inside_province_;
  OptionalInt min_gap_;
  std::vector<Code> waived_designations_;

  std::vector<uint32_t> order_, bit_of_, rank_;
  // Sector index of the home region by bit; kUnknownSector when not reported.
  std::vector<int32_t> home_sector_;
  Bitset active_, consented_, with_room_;
  Bitset limits_altitude_, limits_dates_, limits_regions_;
  // Offers by field, home province, accepted and refused region, and agency.
  BitLists by_category_, by_province_, by_accepted_, by_refused_, by_agency_, by_language_;
  // Offers by the partner (region or agency code) they must not be paired with.
  BitLists forbidden_regions_, forbidden_agencies_;

  SetCache corridors_, categories_, unexpired_, grades_, gaps_, language_sets_;
};

}  // namespace tandem::match
