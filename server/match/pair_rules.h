// SPDX-License-Identifier: Apache-2.0

// The hard rules once more, for one pair, straight from the records. Slow and plain on purpose: it
// shares nothing with the sets that find candidates (offer_sets.h), so the verifier that uses it
// checks them, and "why not" names every rule a pair breaks.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "match/reasons.h"
#include "match/record_source.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/round.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::match {

// Not thread-safe: keeps the records it read. `source` and `rules` outlive it.
class PairRules {
 public:
  // `round` "" for standing offers and needs. Errors of reading show in the first Broken.
  PairRules(const RecordSource* source, const v1::HardRules* rules, std::string_view round,
            std::string_view as_of_date)
      : source_(*source), rules_(*rules), round_name_(round), as_of_date_(as_of_date) {}

  // Every rule the pair breaks, in order; empty when it may be made. Whether slots are left
  // (kOfferNoRoom, kNeedNoRoom) depends on the other pairs and is not judged here.
  absl::StatusOr<std::vector<Rule>> Broken(std::string_view need_name, std::string_view offer_name);

 private:
  template <typename Record>
  using Cache = absl::flat_hash_map<std::string, std::unique_ptr<Record>>;

  // The record; null when there is none. Valid as long as this object.
  template <typename Record>
  absl::StatusOr<const Record*> Get(model::RecordType type, std::string_view name,
                                    Cache<Record>* cache);
  absl::StatusOr<const v1::Region*> RegionOf(std::string_view name);
  // The region, then the units above, by name.
  absl::StatusOr<std::vector<std::string>> RegionChain(std::string_view name);
  absl::StatusOr<bool> LeadsThere(const v1::Offer& offer, const v1::Agency& agency,
                                  const std::vector<std::string>& need_chain);
  absl::StatusOr<bool> SameField(const v1::Offer& offer, const v1::Agency& agency,
                                 std::string_view category);
  absl::StatusOr<bool> GapHolds(const std::vector<std::string>& need_chain,
                                const v1::Agency& agency);
  absl::StatusOr<bool> LowEnough(const v1::Offer& offer, const v1::Need& need);

  const RecordSource& source_;
  const v1::HardRules& rules_;
  const std::string round_name_;
  const std::string as_of_date_;
  std::unique_ptr<v1::Round> round_;
  Cache<v1::Region> regions_;
  Cache<v1::ServiceCategory> categories_;
  Cache<v1::Agency> agencies_;
  bool categories_read_ = false;
};

}  // namespace tandem::match
