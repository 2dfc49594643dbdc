// SPDX-License-Identifier: Apache-2.0

#include "made_up_round.h"

#include <algorithm>
#include <cstdio>

namespace tandem::sample {
namespace {

constexpr const char* kRound = "rounds/2026-1";
constexpr const char* kEarlierRound = "";

std::string Numbered(const char* prefix, int64_t number) {
  char text[40];
  std::snprintf(text, sizeof text, "%s%04lld", prefix, static_cast<long long>(number));
  return text;
}

template <typename Record>
void MarkSynthetic(Record* record) {
  (*record->mutable_labels())["synthetic"] = "true";
  record->set_owner("sample");
}

std::string Province(const std::string& two_digits) { return "regions/" + two_digits + "0000"; }

// Minutes after the application window opened, as a time stamp.
void SetApplyTime(int64_t minutes, google::protobuf::Timestamp* time) {
  constexpr int64_t kWindowOpened = 1767571200;  // 2026-01-05T00:00:00Z
  time->set_seconds(kWindowOpened + minutes * 60);
}

}  // namespace

const std::vector<CorridorPlan>& CorridorPlans() {
  static const std::vector<CorridorPlan> plans = {
      {"zhejiang-qinghai", "33", "63", 5},       {"qinghai-inner", "63", "63", 4},
      {"guangdong-guangxi", "44", "45", 9},      {"guangxi-inner", "45", "45", 5},
      {"guangdong-guizhou", "44", "52", 9},      {"guizhou-inner", "52", "52", 5},
      {"shanghai-yunnan", "31", "53", 9},        {"yunnan-inner", "53", "53", 5},
      {"zhejiang-sichuan", "33", "51", 10},      {"sichuan-inner", "51", "51", 6},
      {"beijing-inner-mongolia", "11", "15", 7}, {"inner-mongolia-inner", "15", "15", 4},
      {"shandong-chongqing", "37", "50", 4},     {"jiangsu-shaanxi", "32", "61", 6},
      {"tianjin-gansu", "12", "62", 6},          {"fujian-ningxia", "35", "64", 5},
      {"jiangsu-tibet", "32", "54", 5},          {"shandong-xinjiang", "37", "65", 6}};
  return plans;
}

std::vector<std::string> NeedCounties(const RealRegions& regions, int64_t needs, uint64_t seed) {
  Random random(seed ^ 0x6e656564U);
  std::map<std::string, int64_t> weight;
  for (const CorridorPlan& plan : CorridorPlans()) weight[plan.receiving] += plan.weight;
  std::vector<std::string> provinces;
  std::vector<int64_t> weights;
  for (const auto& [province, sum] : weight) {
    provinces.push_back(province);
    weights.push_back(sum);
  }
  std::vector<std::string> counties;
  for (int64_t i = 0; i < needs; ++i) {
    const std::string& province = provinces[random.Weighted(weights)];
    auto designated = regions.designated.find(province);
    const bool from_designated = designated != regions.designated.end() && random.Chance(650);
    counties.push_back(
        random.Pick(from_designated ? designated->second : regions.counties.at(province)));
  }
  return counties;
}

MadeUpRound MakeRound(const RealRegions& regions,
                      const std::map<std::string, std::vector<AgencySketch>>& strong,
                      const std::map<std::string, AgencySketch>& local, const RoundSizes& sizes,
                      uint64_t seed) {
  MadeUpRound out;
  Random random(seed ^ 0x726f756eU);
  const std::vector<std::string> counties = NeedCounties(regions, sizes.needs, seed);

  std::vector<int64_t> field_weights;
  for (const auto& field : SampleFields()) field_weights.push_back(field.second);
  std::map<std::string, int64_t> need_slots;
  for (int64_t i = 0; i < sizes.needs; ++i) {
    const std::string& county = counties[static_cast<size_t>(i)];
    const std::string province = county.substr(0, 2);
    v1::Need need;
    need.set_name("needs/" + Numbered("n-", i + 1));
    need.set_display_name("合成需求 " + regions.names.at(county));
    MarkSynthetic(&need);
    need.set_round(kRound);
    need.set_region("regions/" + county);
    const std::string& field = SampleFields()[random.Weighted(field_weights)].first;
    need.set_category("serviceCategories/" + field);
    need.set_slots(random.Chance(700) ? 1 : 2);
    need_slots[province] += need.slots();
    need.set_state(v1::NEED_STATE_SUBMITTED);
    if (auto it = local.find(county); it != local.end()) need.set_receiving_agency(it->second.name);
    if (random.Chance(800)) need.set_people(random.Between(60, 4000));
    need.set_county_rank(static_cast<int32_t>(random.Between(1, 3)));
    need.set_claimed_urgency(v1::URGENCY_HIGH);
    need.set_min_grade(
        static_cast<v1::AssessmentGrade>(random.Chance(600) ? 3 : random.Between(0, 4)));
    const std::string language = AreaLanguage(province);
    if (!language.empty() && random.Chance(120)) need.add_required_languages(language);
    if (province == "54" || province == "63" || province == "51") {
      if (random.Chance(500))
        need.mutable_local_conditions()->set_altitude_m(
            static_cast<int32_t>(random.Between(1800, 4300)));
    }
    need.set_start_date("2026-06-01");
    need.set_end_date("2027-05-31");
    SetApplyTime(random.Between(0, 60000), need.mutable_apply_time());
    out.needs.push_back(std::move(need));
  }

  // Offers by corridor, as many as its weight.
  std::vector<int64_t> corridor_weights;
  for (const CorridorPlan& plan : CorridorPlans()) corridor_weights.push_back(plan.weight);
  std::map<std::string, int64_t> offer_slots;
  std::map<std::string, size_t> next_of_province;
  for (int64_t i = 0; i < sizes.offers; ++i) {
    // One offer each first, so that every corridor has somebody; then by weight.
    const auto corridors = static_cast<int64_t>(CorridorPlans().size());
    const CorridorPlan& plan =
        CorridorPlans()[i < corridors ? static_cast<size_t>(i) : random.Weighted(corridor_weights)];
    const std::vector<AgencySketch>& agencies = strong.at(plan.supporting);
    const AgencySketch& agency = agencies[next_of_province[plan.supporting]++ % agencies.size()];
    v1::Offer offer;
    offer.set_name("offers/" + Numbered("o-", i + 1));
    MarkSynthetic(&offer);
    offer.set_round(kRound);
    offer.set_agency(agency.name);
    offer.set_slots(random.Chance(550) ? 1 : random.Between(2, 3));
    offer.set_corridor(plan.id);
    offer.set_state(v1::OFFER_STATE_SUBMITTED);
    if (random.Chance(300)) offer.add_categories(agency.categories.front());
    if (random.Chance(350))
      offer.set_max_altitude_m(static_cast<int32_t>(random.Between(2500, 4000)));
    if (random.Chance(100)) {
      offer.set_start_date("2027-07-01");
      offer.set_end_date("2028-06-30");
    } else {
      offer.set_start_date("2026-06-01");
      offer.set_end_date("2027-05-31");
    }
    for (const v1::Need& need : out.needs) {
      if (offer.preferences_size() >= 3) break;
      if (need.region().substr(8, 2) == plan.receiving && random.Chance(60))
        offer.add_preferences(need.name());
    }
    if (random.Chance(980)) {
      offer.mutable_consent()->set_given_by("合成 synthetic");
      SetApplyTime(random.Between(0, 60000), offer.mutable_consent()->mutable_consent_time());
    }
    SetApplyTime(random.Between(0, 60000), offer.mutable_apply_time());
    offer_slots[plan.id] += offer.slots();
    out.offers.push_back(std::move(offer));
  }
  for (v1::Need& need : out.needs) {
    if (!random.Chance(250)) continue;
    for (int i = 0; i < 2; ++i) {
      const std::string& agency = random.Pick(out.offers).agency();
      if (need.preferences_size() == 0 || need.preferences(0) != agency)
        need.add_preferences(agency);
    }
  }

  v1::Round& round = out.round;
  round.set_name(kRound);
  round.set_display_name("第一批");
  MarkSynthetic(&round);
  round.set_programme("结对示例 synthetic sample of a pairing programme");
  round.set_time_zone("Asia/Shanghai");
  // Runs judge grades as of this day, so the sample's plan is the same whenever it is made.
  constexpr int64_t kComputeWindowOpens = 1772380800;  // 2026-03-02T00:00:00+08:00
  round.mutable_compute_window()->mutable_start_time()->set_seconds(kComputeWindowOpens);
  round.mutable_slot_unit()->set_workers(2);
  round.mutable_slot_unit()->set_workdays(40);
  round.set_match_profile("matchProfiles/default");
  for (const CorridorPlan& plan : CorridorPlans()) {
    v1::Corridor* corridor = round.add_corridors();
    corridor->set_corridor_id(plan.id);
    corridor->set_supporting_region(Province(plan.supporting));
    corridor->set_receiving_region(Province(plan.receiving));
    // A quarter of what both sides bring must flow, four fifths may: minima that can be met but
    // cost something, maxima that bind.
    const int64_t bring = std::min(offer_slots[plan.id], need_slots[plan.receiving]);
    corridor->set_min_slots(bring / 4);
    corridor->set_max_slots(std::max<int64_t>(1, offer_slots[plan.id] * 4 / 5));
    corridor->set_basis("合成 synthetic quota");
  }

  // Running pairings of this round: an offer and a need of one corridor and one field, agreed
  // already.
  std::map<std::string, const AgencySketch*> sketch_of;
  for (const auto& [province, agencies] : strong) {
    for (const AgencySketch& agency : agencies) sketch_of[agency.name] = &agency;
  }
  int64_t number = 0;
  std::map<std::string, bool> used;
  for (const v1::Offer& offer : out.offers) {
    if (number >= 5) break;
    const auto plan = std::find_if(CorridorPlans().begin(), CorridorPlans().end(),
                                   [&](const CorridorPlan& p) { return p.id == offer.corridor(); });
    for (const v1::Need& need : out.needs) {
      const AgencySketch& agency = *sketch_of.at(offer.agency());
      if (used[need.name()] || need.region().substr(8, 2) != plan->receiving ||
          offer.categories_size() > 0 ||
          std::find(agency.categories.begin(), agency.categories.end(), need.category()) ==
              agency.categories.end()) {
        continue;
      }
      used[need.name()] = true;
      v1::Pairing pairing;
      pairing.set_name("pairings/" + Numbered("p-", ++number));
      MarkSynthetic(&pairing);
      pairing.set_round(kRound);
      pairing.set_need(need.name());
      pairing.set_offer(offer.name());
      pairing.set_agency(offer.agency());
      pairing.set_slots(1);
      pairing.set_state(v1::PAIRING_STATE_AGREED);
      pairing.set_receiving_agency(need.receiving_agency());
      pairing.set_receiving_region(need.region());
      pairing.set_category(need.category());
      out.pairings.push_back(std::move(pairing));
      break;
    }
  }
  // Earlier pairings outside any round, the memory that continuity scores by.
  for (int64_t i = 0; i < std::max<int64_t>(1, sizes.offers / 3); ++i) {
    const v1::Offer& offer = random.Pick(out.offers);
    const v1::Need& need = random.Pick(out.needs);
    v1::Pairing pairing;
    pairing.set_name("pairings/" + Numbered("e-", i + 1));
    MarkSynthetic(&pairing);
    pairing.set_round(kEarlierRound);
    pairing.set_agency(offer.agency());
    pairing.set_slots(1);
    pairing.set_state(random.Chance(850) ? v1::PAIRING_STATE_COMPLETED : v1::PAIRING_STATE_FAILED);
    pairing.set_receiving_agency(need.receiving_agency());
    pairing.set_receiving_region(need.region());
    pairing.set_category(need.category());
    pairing.set_start_date("2024-06-01");
    pairing.set_end_date("2025-05-31");
    out.pairings.push_back(std::move(pairing));
  }
  return out;
}

v1::MatchProfile DefaultProfile(const RoundSizes& sizes) {
  v1::MatchProfile profile;
  profile.set_name("matchProfiles/default");
  profile.set_display_name("默认规则 Default rules");
  profile.set_owner("sample");
  profile.mutable_hard_rules()->set_min_sector_gap_permille(100);
  profile.mutable_hard_rules()->set_gap_waived_inside_province(true);
  profile.mutable_hard_rules()->add_gap_waived_designations("key_county_2021");
  profile.mutable_hard_rules()->add_gap_waived_designations("tibet_xinjiang_support");
  struct Term {
    const char* plugin;
    int weight;
    bool pair_term;
  };
  for (const Term& term : {Term{"category-fit", 250, true}, Term{"capability", 250, true},
                           Term{"localisation", 200, true}, Term{"continuity", 150, true},
                           Term{"mutual-preference", 100, true}, Term{"other-terms", 50, false}}) {
    v1::ScoreStep* step = profile.add_scorers();
    step->set_plugin(std::string("plugins/") + term.plugin);
    step->set_weight(term.weight);
    step->set_pair_term(term.pair_term);
  }
  profile.set_combine(v1::COMBINE_RULE_WEIGHTED_SUM);
  profile.mutable_solver()->set_plugin("plugins/min-cost-flow");
  v1::ReserveGroup* key = profile.add_reserves();
  key->set_designation("key_county_2021");
  // More than can be reached: the run says how much of it is, and what it costs.
  key->set_min_slots(sizes.offers * 4 / 5);
  v1::ReserveGroup* support = profile.add_reserves();
  support->set_designation("tibet_xinjiang_support");
  support->set_min_slots(sizes.offers / 20);
  return profile;
}

}  // namespace tandem::sample
