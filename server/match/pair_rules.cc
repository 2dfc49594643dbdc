// SPDX-License-Identifier: Apache-2.0

#include "match/pair_rules.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "match/assessment_validity.h"
#include "match/assurance_lapse.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

using model::RecordType;

bool AnyOf(const std::vector<std::string>& chain, std::string_view name) {
  return std::find(chain.begin(), chain.end(), name) != chain.end();
}

template <typename Names>
bool AnyIn(const std::vector<std::string>& chain, const Names& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return AnyOf(chain, name); });
}

bool Speaks(const v1::Offer& offer, const v1::Agency& agency, std::string_view wanted) {
  const auto& spoken = offer.languages().empty() ? agency.languages() : offer.languages();
  const std::string tag = absl::AsciiStrToLower(ToAbsl(wanted));
  for (const std::string& language : spoken) {
    const std::string own = absl::AsciiStrToLower(language);
    if (own == tag || own.rfind(tag + "-", 0) == 0) return true;
  }
  return false;
}

bool DatesMeet(const v1::Offer& offer, const v1::Need& need) {
  // Dates are text in the order of time.
  if (!offer.start_date().empty() && !need.end_date().empty() &&
      offer.start_date() > need.end_date()) {
    return false;
  }
  return offer.end_date().empty() || need.start_date().empty() ||
         offer.end_date() >= need.start_date();
}

bool HasConsent(const v1::Offer& offer) {
  const v1::Consent& consent = offer.consent();
  return !consent.given_by().empty() || consent.has_consent_time() || !consent.document().empty();
}

}  // namespace

template <typename Record>
absl::StatusOr<const Record*> PairRules::Get(RecordType type, std::string_view name,
                                             Cache<Record>* cache) {
  auto at = cache->find(ToAbsl(name));
  if (at == cache->end()) {
    auto record = std::make_unique<Record>();
    absl::Status status = source_.ReadByName(type, name, record.get());
    if (model::ErrorReason(status) == model::Reason::kResourceNotFound) {
      record = nullptr;
    } else {
      RETURN_IF_ERROR(status);
    }
    if constexpr (std::is_same_v<Record, v1::Agency>) {
      if (record != nullptr) ClearLapsedGroups(as_of_date_, record.get());
    }
    at = cache->emplace(std::string(name), std::move(record)).first;
  }
  return at->second.get();
}

absl::StatusOr<const v1::Region*> PairRules::RegionOf(std::string_view name) {
  return Get(RecordType::kRegion, name, &regions_);
}

absl::StatusOr<std::vector<std::string>> PairRules::RegionChain(std::string_view name) {
  std::vector<std::string> chain;
  std::string at(name);
  while (!at.empty() && chain.size() < 64) {
    chain.push_back(at);
    ASSIGN_OR_RETURN(const v1::Region* region, RegionOf(at));
    at = region == nullptr ? "" : region->parent_region();
  }
  return chain;
}

absl::StatusOr<bool> PairRules::LeadsThere(const v1::Offer& offer, const v1::Agency& agency,
                                           const std::vector<std::string>& need_chain) {
  if (round_ == nullptr) {
    round_ = std::make_unique<v1::Round>();
    if (!round_name_.empty()) {
      RETURN_IF_ERROR(source_.ReadByName(RecordType::kRound, round_name_, round_.get()));
    }
  }
  if (round_->corridors().empty()) return true;
  ASSIGN_OR_RETURN(std::vector<std::string> home_chain, RegionChain(agency.home_region()));
  for (const v1::Corridor& corridor : round_->corridors()) {
    if (corridor.corridor_id() != offer.corridor()) continue;
    return AnyOf(need_chain, corridor.receiving_region()) &&
           AnyOf(home_chain, corridor.supporting_region());
  }
  return false;
}

absl::StatusOr<bool> PairRules::SameField(const v1::Offer& offer, const v1::Agency& agency,
                                          std::string_view category) {
  if (!categories_read_) {
    for (const RecordVersion& version : source_.List(RecordType::kServiceCategory)) {
      auto record = std::make_unique<v1::ServiceCategory>();
      RETURN_IF_ERROR(source_.Read(version, record.get()));
      std::string name = record->name();
      categories_.emplace(std::move(name), std::move(record));
    }
    categories_read_ = true;
  }
  std::set<std::string> fields(offer.categories().begin(), offer.categories().end());
  if (fields.empty()) {
    for (const v1::CategoryCapability& able : agency.categories()) fields.insert(able.category());
  }
  // Same or broader.
  std::string at(category);
  for (int depth = 0; !at.empty() && depth < 64; ++depth) {
    if (fields.contains(at)) return true;
    auto record = categories_.find(at);
    at = record == categories_.end() ? "" : record->second->parent_category();
  }
  // Mapped, told by either of the two terms.
  auto maps_to = [](const v1::ServiceCategory& from, std::string_view to) {
    for (const v1::CategoryMapping& mapping : from.mappings()) {
      if (mapping.category() == to &&
          (mapping.kind() == v1::MAPPING_KIND_EXACT || mapping.kind() == v1::MAPPING_KIND_CLOSE)) {
        return true;
      }
    }
    for (const v1::CategorySuccessor& successor : from.successors()) {
      if (successor.category() == to) return true;
    }
    return std::find(from.replaced_by().begin(), from.replaced_by().end(), to) !=
           from.replaced_by().end();
  };
  auto wanted = categories_.find(ToAbsl(category));
  if (wanted == categories_.end()) return false;
  for (const std::string& field : fields) {
    auto own = categories_.find(field);
    if (own == categories_.end()) continue;
    if (maps_to(*own->second, category) || maps_to(*wanted->second, field)) return true;
  }
  return false;
}

absl::StatusOr<bool> PairRules::GapHolds(const std::vector<std::string>& need_chain,
                                         const v1::Agency& agency) {
  if (!rules_.has_min_sector_gap_permille()) return true;
  ASSIGN_OR_RETURN(std::vector<std::string> home_chain, RegionChain(agency.home_region()));
  struct Found {
    std::optional<int32_t> sector;
    std::string province;
    std::set<std::string> designations;
  };
  auto look = [this](const std::vector<std::string>& chain) -> absl::StatusOr<Found> {
    Found found;
    for (const std::string& name : chain) {
      ASSIGN_OR_RETURN(const v1::Region* region, RegionOf(name));
      if (region == nullptr) continue;
      if (!found.sector && region->has_sector_index()) {
        found.sector = region->sector_index().value_permille();
      }
      if (region->level() == v1::REGION_LEVEL_PROVINCE) found.province = name;
      for (const v1::Designation& held : region->designations()) {
        found.designations.insert(held.designation_id());
      }
    }
    return found;
  };
  ASSIGN_OR_RETURN(Found place, look(need_chain));
  ASSIGN_OR_RETURN(Found home, look(home_chain));
  if (!place.sector || !home.sector) return true;
  for (const std::string& id : rules_.gap_waived_designations()) {
    if (place.designations.contains(id)) return true;
  }
  if (rules_.gap_waived_inside_province() && !place.province.empty() &&
      place.province == home.province) {
    return true;
  }
  return *home.sector - *place.sector >= rules_.min_sector_gap_permille();
}

absl::StatusOr<bool> PairRules::LowEnough(const v1::Offer& offer, const v1::Need& need) {
  if (!offer.has_max_altitude_m()) return true;
  if (need.local_conditions().has_altitude_m()) {
    return need.local_conditions().altitude_m() <= offer.max_altitude_m();
  }
  ASSIGN_OR_RETURN(const v1::Region* region, RegionOf(need.region()));
  return region == nullptr || !region->has_altitude_m() ||
         region->altitude_m() <= offer.max_altitude_m();
}

absl::StatusOr<std::vector<Rule>> PairRules::Broken(std::string_view need_name,
                                                    std::string_view offer_name) {
  v1::Need need;
  v1::Offer offer;
  RETURN_IF_ERROR(source_.ReadByName(RecordType::kNeed, need_name, &need));
  RETURN_IF_ERROR(source_.ReadByName(RecordType::kOffer, offer_name, &offer));
  ASSIGN_OR_RETURN(const v1::Agency* found, Get(RecordType::kAgency, offer.agency(), &agencies_));
  const v1::Agency& agency = found == nullptr ? v1::Agency::default_instance() : *found;
  ASSIGN_OR_RETURN(std::vector<std::string> need_chain, RegionChain(need.region()));

  std::vector<Rule> broken;
  auto require = [&broken](bool holds, Rule rule) {
    if (!holds) broken.push_back(rule);
  };
  require(found != nullptr && (agency.status() == v1::AGENCY_STATUS_ACTIVE ||
                               agency.status() == v1::AGENCY_STATUS_UNSPECIFIED),
          Rule::kAgencyInactive);
  require(HasConsent(offer), Rule::kNoConsent);
  ASSIGN_OR_RETURN(bool leads, LeadsThere(offer, agency, need_chain));
  require(leads, Rule::kCorridorMismatch);
  if (!rules_.ignore_category()) {
    ASSIGN_OR_RETURN(bool same, SameField(offer, agency, need.category()));
    require(same, Rule::kCategoryMismatch);
  }
  if (need.min_grade() != v1::ASSESSMENT_GRADE_UNSPECIFIED) {
    const bool high = agency.assessment().grade() >= need.min_grade();
    const bool expired = GradeExpired(agency.assessment(), as_of_date_);
    require(!(high && expired), Rule::kGradeExpired);
    require(high, Rule::kGradeBelow);
  }
  ASSIGN_OR_RETURN(bool gap, GapHolds(need_chain, agency));
  require(gap, Rule::kSectorGap);
  if (!rules_.ignore_languages()) {
    require(std::all_of(need.required_languages().begin(), need.required_languages().end(),
                        [&](const std::string& tag) { return Speaks(offer, agency, tag); }),
            Rule::kLanguageMissing);
  }
  if (!rules_.ignore_altitude()) {
    ASSIGN_OR_RETURN(bool low, LowEnough(offer, need));
    require(low, Rule::kAltitude);
  }
  if (!rules_.ignore_dates()) require(DatesMeet(offer, need), Rule::kDatesApart);
  require(offer.accepted_regions().empty() || AnyIn(need_chain, offer.accepted_regions()),
          Rule::kRegionNotAccepted);
  require(!AnyIn(need_chain, offer.refused_regions()), Rule::kRegionRefused);
  require(std::find(need.refused_agencies().begin(), need.refused_agencies().end(),
                    offer.agency()) == need.refused_agencies().end(),
          Rule::kAgencyRefused);
  require(offer.agency() != need.receiving_agency(), Rule::kSameAgency);
  require(std::none_of(rules_.forbidden_pairs().begin(), rules_.forbidden_pairs().end(),
                       [&](const v1::ForbiddenPair& pair) {
                         return pair.agency() == offer.agency() &&
                                (AnyOf(need_chain, pair.partner()) ||
                                 (!need.receiving_agency().empty() &&
                                  pair.partner() == need.receiving_agency()));
                       }),
          Rule::kForbiddenPair);
  return broken;
}

}  // namespace tandem::match
