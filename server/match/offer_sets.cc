// SPDX-License-Identifier: Apache-2.0

#include "match/offer_sets.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <tuple>
#include <utility>

#include "xxhash.h"

namespace tandem::match {
namespace {

constexpr int32_t kUnknownSector = std::numeric_limits<int32_t>::max();
// Where offers without points or sector index stand in the order: the middle, for "not reported"
// is neither good nor bad.
constexpr int32_t kNeutralPermille = 500;

void SetBits(const absl::flat_hash_map<Code, std::vector<uint32_t>>& lists, Code key, Bitset* out) {
  auto at = lists.find(key);
  if (at == lists.end()) return;
  for (uint32_t bit : at->second) out->Set(bit);
}

void ClearBits(const absl::flat_hash_map<Code, std::vector<uint32_t>>& lists, Code key,
               Bitset* out) {
  auto at = lists.find(key);
  if (at == lists.end()) return;
  for (uint32_t bit : at->second) out->Clear(bit);
}

}  // namespace

template <typename Pass>
Bitset OfferSets::Where(Pass&& pass) const {
  Bitset set(order_.size());
  for (size_t bit = 0; bit < order_.size(); ++bit) {
    if (pass(bit)) set.Set(bit);
  }
  return set;
}

template <typename Pass>
void OfferSets::KeepWhere(Bitset* alive, Pass&& pass) const {
  for (size_t i = 0; i < alive->words(); ++i) {
    uint64_t keep = alive->word(i);
    for (uint64_t word = keep; word != 0; word &= word - 1) {
      const int low = std::countr_zero(word);
      if (!pass(i * 64 + static_cast<size_t>(low))) keep &= ~(uint64_t{1} << low);
    }
    alive->word(i) = keep;
  }
}

OfferSets::OfferSets(const RoundSnapshot& snapshot, const v1::HardRules& rules)
    : s_(snapshot),
      ignore_category_(rules.ignore_category()),
      ignore_languages_(rules.ignore_languages()),
      ignore_altitude_(rules.ignore_altitude()),
      ignore_dates_(rules.ignore_dates()),
      waive_inside_province_(rules.gap_waived_inside_province()) {
  if (rules.has_min_sector_gap_permille()) min_gap_ = rules.min_sector_gap_permille();
  for (const std::string& id : rules.gap_waived_designations()) {
    if (Code code = s_.designations.Find(id); code != kNoCode) waived_designations_.push_back(code);
  }
  OrderOffers();
  for (size_t bit = 0; bit < order_.size(); ++bit) {
    const auto b = static_cast<uint32_t>(bit);
    const OfferRow& row = offer(bit);
    const RegionRow* home = s_.region(agency(bit).home);
    for (Code code : s_.codes(row.categories)) by_category_[code].push_back(b);
    if (home != nullptr && home->province != kNoCode) by_province_[home->province].push_back(b);
    for (Code code : s_.codes(row.accepted_regions)) by_accepted_[code].push_back(b);
    for (Code code : s_.codes(row.refused_regions)) by_refused_[code].push_back(b);
    by_agency_[row.agency].push_back(b);
    for (Code code : s_.codes(row.languages)) by_language_[code].push_back(b);
  }
  active_ = Where([this](size_t bit) { return agency(bit).active; });
  consented_ = Where([this](size_t bit) { return offer(bit).consent; });
  with_room_ = Where([this](size_t bit) { return offer(bit).units > 0; });
  limits_altitude_ = Where([this](size_t bit) { return offer(bit).max_altitude_m.has_value(); });
  limits_dates_ = Where([this](size_t bit) { return offer(bit).start_day || offer(bit).end_day; });
  limits_regions_ = Where([this](size_t bit) { return !offer(bit).accepted_regions.empty(); });
  IndexForbidden(rules);
}

void OfferSets::OrderOffers() {
  const size_t n = s_.offers.size();
  struct Key {
    int32_t points;
    int32_t sector;
  };
  std::vector<Key> keys(n);
  std::vector<int32_t> sectors(n, kUnknownSector);
  for (size_t i = 0; i < n; ++i) {
    const AgencyRow& row = s_.agency_rows[s_.offers[i].agency];
    const RegionRow* home = s_.region(row.home);
    if (home != nullptr && home->sector_permille) sectors[i] = *home->sector_permille;
    keys[i] = {row.points.value_or(kNeutralPermille),
               sectors[i] == kUnknownSector ? kNeutralPermille : sectors[i]};
  }
  auto better = [&keys](uint32_t a, uint32_t b) {
    return std::tie(keys[b].points, keys[b].sector) < std::tie(keys[a].points, keys[a].sector);
  };
  order_.resize(n);
  std::iota(order_.begin(), order_.end(), 0);
  std::stable_sort(order_.begin(), order_.end(), better);
  bit_of_.resize(n);
  rank_.resize(n);
  home_sector_.resize(n);
  for (size_t bit = 0; bit < n; ++bit) {
    bit_of_[order_[bit]] = static_cast<uint32_t>(bit);
    home_sector_[bit] = sectors[order_[bit]];
    rank_[bit] = bit == 0 ? 0 : rank_[bit - 1] + (better(order_[bit - 1], order_[bit]) ? 1 : 0);
  }
}

void OfferSets::IndexForbidden(const v1::HardRules& rules) {
  for (const v1::ForbiddenPair& pair : rules.forbidden_pairs()) {
    auto at = by_agency_.find(s_.agencies.Find(pair.agency()));
    if (at == by_agency_.end()) continue;
    const Code region = s_.regions.Find(pair.partner());
    const Code receiver = s_.agencies.Find(pair.partner());
    for (uint32_t bit : at->second) {
      if (region != kNoCode) forbidden_regions_[region].push_back(bit);
      if (receiver != kNoCode) forbidden_agencies_[receiver].push_back(bit);
    }
  }
}

void OfferSets::KeepCorridor(const NeedRow& need, Bitset* alive) {
  if (s_.corridors.empty()) return;
  *alive &= corridors_.Get(need.region, [&] {
    std::vector<bool> leads_there(s_.corridors.size());
    for (size_t i = 0; i < s_.corridors.size(); ++i) {
      leads_there[i] = s_.IsWithin(need.region, s_.corridors[i].receiving);
    }
    return Where([&](size_t bit) {
      const Code corridor = offer(bit).corridor;
      return corridor != kNoCode && leads_there[corridor] &&
             s_.IsWithin(agency(bit).home, s_.corridors[corridor].supporting);
    });
  });
}

void OfferSets::KeepCategory(const NeedRow& need, Bitset* alive) {
  if (ignore_category_) return;
  *alive &= categories_.Get(need.category, [&] {
    Bitset set(order_.size());
    if (need.category == kNoCode) return set;
    const CategoryRow& row = s_.category_rows[need.category];
    for (Code code : s_.codes(row.ancestors)) SetBits(by_category_, code, &set);
    for (Code code : s_.codes(row.mapped)) SetBits(by_category_, code, &set);
    return set;
  });
}

void OfferSets::KeepUnexpired(const NeedRow& need, Bitset* alive) {
  if (need.min_grade == 0) return;
  *alive &= unexpired_.Get(static_cast<uint64_t>(need.min_grade), [&] {
    return Where([&](size_t bit) {
      return !(agency(bit).grade_expired && agency(bit).grade >= need.min_grade);
    });
  });
}

void OfferSets::KeepGrade(const NeedRow& need, Bitset* alive) {
  if (need.min_grade == 0) return;
  *alive &= grades_.Get(static_cast<uint64_t>(need.min_grade), [&] {
    return Where([&](size_t bit) { return agency(bit).valid_grade() >= need.min_grade; });
  });
}

bool OfferSets::GapWaived(const NeedRow& need) const {
  const RegionRow* region = s_.region(need.region);
  if (region == nullptr || !region->sector_permille) return true;
  for (Code held : s_.codes(region->designations)) {
    for (Code waived : waived_designations_) {
      if (held == waived) return true;
    }
  }
  return false;
}

void OfferSets::KeepGap(const NeedRow& need, Bitset* alive) {
  if (!min_gap_ || GapWaived(need)) return;
  const RegionRow& region = *s_.region(need.region);
  // An unknown index is no evidence against a pair: its constant is above every bound.
  const int32_t least = *region.sector_permille + *min_gap_;
  const Code province = waive_inside_province_ ? region.province : kNoCode;
  const uint64_t key = (uint64_t{province} << 32) | static_cast<uint32_t>(least);
  *alive &= gaps_.Get(key, [&] {
    Bitset set = Where([&](size_t bit) { return home_sector_[bit] >= least; });
    if (province != kNoCode) SetBits(by_province_, province, &set);
    return set;
  });
}

void OfferSets::KeepLanguages(const NeedRow& need, Bitset* alive) {
  if (ignore_languages_) return;
  for (Code wanted : s_.codes(need.required_languages)) {
    *alive &= language_sets_.Get(wanted, [&] {
      // "bo" is spoken by who speaks "bo" or "bo-CN".
      const std::string_view tag = s_.languages.name(wanted);
      Bitset set(order_.size());
      for (const auto& [code, bits] : by_language_) {
        const std::string_view spoken = s_.languages.name(code);
        if (spoken == tag || (spoken.size() > tag.size() && spoken[tag.size()] == '-' &&
                              spoken.substr(0, tag.size()) == tag)) {
          for (uint32_t bit : bits) set.Set(bit);
        }
      }
      return set;
    });
  }
}

void OfferSets::KeepAltitude(const NeedRow& need, Bitset* alive) const {
  if (ignore_altitude_ || !need.altitude_m) return;
  KeepWhere(alive, [&](size_t bit) {
    return !limits_altitude_.Test(bit) || *need.altitude_m <= *offer(bit).max_altitude_m;
  });
}

void OfferSets::KeepDates(const NeedRow& need, Bitset* alive) const {
  if (ignore_dates_ || (!need.start_day && !need.end_day)) return;
  KeepWhere(alive, [&](size_t bit) {
    if (!limits_dates_.Test(bit)) return true;
    const OfferRow& row = offer(bit);
    return !(row.start_day && need.end_day && *row.start_day > *need.end_day) &&
           !(row.end_day && need.start_day && *row.end_day < *need.start_day);
  });
}

void OfferSets::KeepAcceptedRegions(const NeedRow& need, Bitset* alive) const {
  if (by_accepted_.empty()) return;
  Bitset accepting(order_.size());
  if (const RegionRow* region = s_.region(need.region)) {
    for (Code code : s_.codes(region->ancestors)) SetBits(by_accepted_, code, &accepting);
  }
  for (size_t i = 0; i < alive->words(); ++i) {
    alive->word(i) &= ~limits_regions_.word(i) | accepting.word(i);
  }
}

void OfferSets::KeepUnrefusedRegions(const NeedRow& need, Bitset* alive) const {
  const RegionRow* region = s_.region(need.region);
  if (by_refused_.empty() || region == nullptr) return;
  for (Code code : s_.codes(region->ancestors)) ClearBits(by_refused_, code, alive);
}

void OfferSets::KeepUnrefusedAgencies(const NeedRow& need, Bitset* alive) const {
  for (Code code : s_.codes(need.refused_agencies)) ClearBits(by_agency_, code, alive);
}

void OfferSets::KeepOtherAgencies(const NeedRow& need, Bitset* alive) const {
  if (need.receiver != kNoCode) ClearBits(by_agency_, need.receiver, alive);
}

void OfferSets::KeepUnforbidden(const NeedRow& need, Bitset* alive) const {
  if (const RegionRow* region = s_.region(need.region)) {
    for (Code code : s_.codes(region->ancestors)) ClearBits(forbidden_regions_, code, alive);
  }
  if (need.receiver != kNoCode) ClearBits(forbidden_agencies_, need.receiver, alive);
}

}  // namespace tandem::match
