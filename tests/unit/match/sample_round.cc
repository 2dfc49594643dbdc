// SPDX-License-Identifier: Apache-2.0

#include "sample_round.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "model/absl_strings.h"

namespace tandem::match {
namespace {

using model::RecordType;

template <typename Record>
Record* FindByName(std::vector<Record>& records, const std::string& name) {
  auto at = std::find_if(records.begin(), records.end(),
                         [&](const Record& record) { return record.name() == name; });
  return at == records.end() ? nullptr : &*at;
}

template <typename Record>
void PutAll(std::vector<Record> records, RecordType type, bool reversed, MemorySource* source) {
  if (reversed) std::reverse(records.begin(), records.end());
  for (const Record& record : records) source->Put(type, record);
}

v1::Region MakeRegion(const std::string& name, const std::string& parent, v1::RegionLevel level) {
  v1::Region region;
  region.set_name(name);
  region.set_parent_region(parent);
  region.set_level(level);
  return region;
}

v1::ServiceCategory MakeCategory(const std::string& name, const std::string& parent) {
  v1::ServiceCategory category;
  category.set_name(name);
  category.set_parent_category(parent);
  return category;
}

void AddCapability(const std::string& category, v1::Agency* agency) {
  agency->add_categories()->set_category(category);
}

v1::Corridor MakeCorridor(const std::string& id, const std::string& from, const std::string& to) {
  v1::Corridor corridor;
  corridor.set_corridor_id(id);
  corridor.set_supporting_region(from);
  corridor.set_receiving_region(to);
  return corridor;
}

// Draws from one generator; every random round reads the same way for the same seed.
class Dice {
 public:
  explicit Dice(uint32_t seed) : random_(seed) {}
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  bool OneIn(int n) { return Below(n) == 0; }
  template <typename List>
  const auto& Pick(const List& list) {
    return list[static_cast<size_t>(Below(static_cast<int>(list.size())))];
  }

 private:
  std::mt19937 random_;
};

const std::vector<std::string> kCounties = {"regions/w1a", "regions/w1b", "regions/w2a",
                                            "regions/e1a"};
const std::vector<std::string> kHomes = {"regions/e1a", "regions/e1b", "regions/w1a", "regions/e2"};
const std::vector<std::string> kAllRegions = {"regions/w1", "regions/w2",  "regions/w1a",
                                              "regions/e1", "regions/w2a", "regions/cn"};
const std::vector<std::string> kFields = {"serviceCategories/old", "serviceCategories/old-home",
                                          "serviceCategories/child", "serviceCategories/aged",
                                          "serviceCategories/field"};
const std::vector<std::string> kDays = {"2026-01-10", "2026-04-01", "2026-04-02", "2026-09-30"};
const std::vector<std::string> kLanguages = {"bo", "zh", "bo-CN", "UG"};

void AddRandomRegions(Dice* dice, SampleRound* r) {
  r->regions.push_back(MakeRegion("regions/cn", "", v1::REGION_LEVEL_UNSPECIFIED));
  for (const char* province : {"e1", "e2", "w1", "w2"}) {
    r->regions.push_back(
        MakeRegion(StrCat("regions/", province), "regions/cn", v1::REGION_LEVEL_PROVINCE));
  }
  for (const char* county : {"e1a", "e1b", "w1a", "w1b", "w2a"}) {
    r->regions.push_back(MakeRegion(StrCat("regions/", county),
                                    StrCat("regions/", std::string(county).substr(0, 2)),
                                    v1::REGION_LEVEL_COUNTY));
  }
  for (v1::Region& region : r->regions) {
    if (dice->OneIn(2)) region.mutable_sector_index()->set_value_permille(dice->Below(11) * 100);
    if (dice->OneIn(2)) region.set_altitude_m(dice->Below(5) * 1000);
    if (dice->OneIn(3)) {
      region.add_designations()->set_designation_id(dice->OneIn(2) ? "key_county" : "old_base");
    }
  }
}

void AddRandomCategories(Dice* dice, SampleRound* r) {
  r->categories = {MakeCategory("serviceCategories/field", ""),
                   MakeCategory("serviceCategories/old", "serviceCategories/field"),
                   MakeCategory("serviceCategories/old-home", "serviceCategories/old"),
                   MakeCategory("serviceCategories/child", "serviceCategories/field"),
                   MakeCategory("serviceCategories/aged", "")};
  v1::CategoryMapping* mapping = r->categories[4].add_mappings();
  mapping->set_category(dice->Pick(kFields));
  mapping->set_kind(static_cast<v1::MappingKind>(dice->Below(4)));
  if (dice->OneIn(2)) r->categories[3].add_replaced_by("serviceCategories/aged");
}

void AddRandomAgencies(Dice* dice, int count, SampleRound* r) {
  for (int i = 0; i < count; ++i) {
    v1::Agency agency;
    agency.set_name(StrCat("agencies/a", i));
    agency.set_home_region(dice->Pick(kHomes));
    if (dice->OneIn(10)) agency.set_status(v1::AGENCY_STATUS_SUSPENDED);
    v1::Assessment* assessment = agency.mutable_assessment();
    assessment->set_grade(static_cast<v1::AssessmentGrade>(dice->Below(6)));
    if (dice->OneIn(2)) assessment->set_points(dice->Below(4) * 250);
    if (dice->OneIn(3)) assessment->set_expiry_date(dice->OneIn(2) ? kDay : "2026-02-28");
    if (dice->OneIn(3)) assessment->set_awarded_date(dice->OneIn(2) ? "2021-03-01" : "2020-06-01");
    for (int n = dice->Below(3); n >= 0; --n) AddCapability(dice->Pick(kFields), &agency);
    for (int n = dice->Below(3); n > 0; --n) agency.add_languages(dice->Pick(kLanguages));
    r->agencies.push_back(agency);
  }
}

v1::Need RandomNeed(Dice* dice, int number, int agencies) {
  v1::Need need;
  need.set_name(StrCat("needs/n", number));
  need.set_round(kRoundName);
  need.set_region(dice->Pick(kCounties));
  need.set_category(dice->Pick(kFields));
  need.set_slots(1 + dice->Below(4));
  if (dice->OneIn(2)) need.set_receiving_agency(StrCat("agencies/a", dice->Below(agencies)));
  if (dice->OneIn(3)) need.set_min_grade(static_cast<v1::AssessmentGrade>(1 + dice->Below(4)));
  if (dice->OneIn(4)) need.add_required_languages(dice->Pick(kLanguages));
  if (dice->OneIn(4)) need.mutable_local_conditions()->set_altitude_m(dice->Below(5) * 1000);
  if (dice->OneIn(3)) need.set_start_date(dice->Pick(kDays));
  if (dice->OneIn(3)) need.set_end_date(dice->Pick(kDays));
  if (dice->OneIn(4)) need.add_refused_agencies(StrCat("agencies/a", dice->Below(agencies)));
  need.mutable_apply_time()->set_seconds(1'700'000'000 + dice->Below(5));
  return need;
}

v1::Offer RandomOffer(Dice* dice, int number, int agencies, const v1::Round& round) {
  v1::Offer offer;
  offer.set_name(StrCat("offers/o", number));
  offer.set_round(kRoundName);
  offer.set_agency(StrCat("agencies/a", dice->Below(agencies)));
  offer.set_slots(1 + dice->Below(4));
  if (!round.corridors().empty() && !dice->OneIn(10)) {
    offer.set_corridor(dice->Pick(round.corridors()).corridor_id());
  }
  if (!dice->OneIn(8)) offer.mutable_consent()->set_given_by("the board");
  if (dice->OneIn(2)) offer.add_categories(dice->Pick(kFields));
  if (dice->OneIn(3)) offer.set_max_altitude_m(dice->Below(5) * 1000);
  if (dice->OneIn(3)) offer.set_start_date(dice->Pick(kDays));
  if (dice->OneIn(3)) offer.set_end_date(dice->Pick(kDays));
  if (dice->OneIn(4)) offer.add_languages(dice->Pick(kLanguages));
  if (dice->OneIn(4)) offer.add_accepted_regions(dice->Pick(kAllRegions));
  if (dice->OneIn(4)) offer.add_refused_regions(dice->Pick(kAllRegions));
  return offer;
}

void AddRandomRules(Dice* dice, int agencies, v1::MatchProfile* profile) {
  v1::HardRules* rules = profile->mutable_hard_rules();
  if (dice->OneIn(2)) rules->set_min_sector_gap_permille(dice->Below(5) * 100 - 100);
  if (dice->OneIn(2)) rules->add_gap_waived_designations("key_county");
  rules->set_gap_waived_inside_province(dice->OneIn(2));
  rules->set_ignore_category(dice->OneIn(6));
  rules->set_ignore_languages(dice->OneIn(6));
  rules->set_ignore_altitude(dice->OneIn(6));
  rules->set_ignore_dates(dice->OneIn(6));
  for (int n = dice->Below(3); n > 0; --n) {
    v1::ForbiddenPair* pair = rules->add_forbidden_pairs();
    pair->set_agency(StrCat("agencies/a", dice->Below(agencies)));
    pair->set_partner(dice->OneIn(2) ? dice->Pick(kAllRegions)
                                     : StrCat("agencies/a", dice->Below(agencies)));
  }
}

}  // namespace

v1::Region* SampleRound::region(const std::string& name) { return FindByName(regions, name); }
v1::ServiceCategory* SampleRound::category(const std::string& name) {
  return FindByName(categories, name);
}
v1::Agency* SampleRound::agency(const std::string& name) { return FindByName(agencies, name); }

std::unique_ptr<MemorySource> SampleRound::Source(bool reversed) const {
  auto source = std::make_unique<MemorySource>();
  source->Put(RecordType::kRound, round);
  source->Put(RecordType::kMatchProfile, profile);
  PutAll(regions, RecordType::kRegion, reversed, source.get());
  PutAll(categories, RecordType::kServiceCategory, reversed, source.get());
  PutAll(agencies, RecordType::kAgency, reversed, source.get());
  PutAll(needs, RecordType::kNeed, reversed, source.get());
  PutAll(offers, RecordType::kOffer, reversed, source.get());
  PutAll(pairings, RecordType::kPairing, reversed, source.get());
  return source;
}

SampleRound OnePairRound() {
  SampleRound r;
  r.round.set_name(kRoundName);
  r.profile.set_name("matchProfiles/p");
  *r.round.add_corridors() = MakeCorridor("east-west", "regions/e", "regions/w");
  r.regions = {MakeRegion("regions/e", "", v1::REGION_LEVEL_PROVINCE),
               MakeRegion("regions/e-city", "regions/e", v1::REGION_LEVEL_PREFECTURE),
               MakeRegion("regions/w", "", v1::REGION_LEVEL_PROVINCE),
               MakeRegion("regions/w-county", "regions/w", v1::REGION_LEVEL_COUNTY)};
  r.region("regions/e")->mutable_sector_index()->set_value_permille(800);
  r.region("regions/w")->mutable_sector_index()->set_value_permille(300);
  r.region("regions/w-county")->set_altitude_m(3600);
  r.region("regions/w-county")->add_designations()->set_designation_id("key_county");
  r.categories = {MakeCategory("serviceCategories/field", ""),
                  MakeCategory("serviceCategories/old", "serviceCategories/field"),
                  MakeCategory("serviceCategories/child", "serviceCategories/field")};
  v1::Agency helper;
  helper.set_name("agencies/helper");
  helper.set_home_region("regions/e-city");
  helper.set_status(v1::AGENCY_STATUS_ACTIVE);
  helper.mutable_assessment()->set_grade(v1::ASSESSMENT_GRADE_4A);
  helper.mutable_assessment()->set_expiry_date("2027-01-01");
  AddCapability("serviceCategories/old", &helper);
  helper.add_languages("zh");
  helper.add_languages("bo");
  v1::Agency local;
  local.set_name("agencies/local");
  local.set_home_region("regions/w-county");
  r.agencies = {helper, local};

  v1::Need need;
  need.set_name("needs/n");
  need.set_round(kRoundName);
  need.set_region("regions/w-county");
  need.set_category("serviceCategories/old");
  need.set_slots(2);
  need.set_receiving_agency("agencies/local");
  need.set_min_grade(v1::ASSESSMENT_GRADE_3A);
  need.add_required_languages("bo");
  need.set_start_date("2026-04-01");
  need.set_end_date("2026-09-30");
  r.needs = {need};
  v1::Offer offer;
  offer.set_name("offers/o");
  offer.set_round(kRoundName);
  offer.set_agency("agencies/helper");
  offer.set_corridor("east-west");
  offer.set_slots(2);
  offer.mutable_consent()->set_given_by("the board");
  offer.set_max_altitude_m(4000);
  offer.set_start_date("2026-05-01");
  offer.set_end_date("2026-12-31");
  offer.add_accepted_regions("regions/w");
  r.offers = {offer};
  r.profile.mutable_hard_rules()->set_min_sector_gap_permille(100);
  return r;
}

SampleRound RandomRound(uint32_t seed, int most) {
  Dice dice(seed);
  SampleRound r;
  r.round.set_name(kRoundName);
  r.profile.set_name("matchProfiles/p");
  AddRandomRegions(&dice, &r);
  AddRandomCategories(&dice, &r);
  const int agencies = 2 + dice.Below(8);
  AddRandomAgencies(&dice, agencies, &r);
  if (!dice.OneIn(3)) {
    *r.round.add_corridors() = MakeCorridor("c0", "regions/e1", "regions/w1");
    *r.round.add_corridors() = MakeCorridor("c1", "regions/cn", "regions/cn");
    r.round.mutable_corridors(1)->set_max_slots(1 + dice.Below(8));
    if (dice.OneIn(2)) r.round.mutable_corridors(0)->set_max_slots(dice.Below(4));
  }
  const int needs = dice.Below(most + 1), offers = dice.Below(most + 1);
  for (int i = 0; i < needs; ++i) r.needs.push_back(RandomNeed(&dice, i, agencies));
  for (int i = 0; i < offers; ++i) r.offers.push_back(RandomOffer(&dice, i, agencies, r.round));
  AddRandomRules(&dice, agencies, &r.profile);
  if (needs > 0 && offers > 0) {
    for (int n = dice.Below(3); n > 0; --n) {
      v1::Pairing pairing;
      pairing.set_name(StrCat("pairings/k", n));
      pairing.set_round(kRoundName);
      pairing.set_slots(1 + dice.Below(2));
      pairing.set_state(dice.OneIn(3) ? v1::PAIRING_STATE_DECLINED : v1::PAIRING_STATE_ACTIVE);
      if (!dice.OneIn(4)) pairing.set_need(dice.Pick(r.needs).name());
      const v1::Offer& offer = dice.Pick(r.offers);
      pairing.set_agency(offer.agency());
      if (!dice.OneIn(4)) pairing.set_offer(offer.name());
      r.pairings.push_back(pairing);
    }
  }
  if (dice.OneIn(2)) {
    v1::ReserveGroup* reserve = r.profile.add_reserves();
    reserve->set_designation("key_county");
    reserve->set_min_slots(dice.Below(6));
  }
  return r;
}

std::shared_ptr<const RoundSnapshot> SnapshotOf(const RecordSource& source, int threads) {
  auto snapshot = LoadRoundSnapshot(source, kRoundName, kDay, threads);
  if (!snapshot.ok()) {
    std::fprintf(stderr, "%s\n", snapshot.status().ToString().c_str());
    std::abort();
  }
  return *snapshot;
}

}  // namespace tandem::match
