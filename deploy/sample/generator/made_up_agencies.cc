// SPDX-License-Identifier: Apache-2.0

#include "made_up_agencies.h"

#include <algorithm>
#include <cstdio>

#include "made_up_names.h"

namespace tandem::sample {
namespace {

// A one-character mark of the province for made-up names.
const std::map<std::string, std::string>& ProvinceMarks() {
  static const std::map<std::string, std::string> marks = {
      {"11", "京"}, {"12", "津"}, {"13", "冀"}, {"14", "晋"}, {"15", "蒙"}, {"21", "辽"},
      {"22", "吉"}, {"23", "黑"}, {"31", "沪"}, {"32", "苏"}, {"33", "浙"}, {"34", "皖"},
      {"35", "闽"}, {"36", "赣"}, {"37", "鲁"}, {"41", "豫"}, {"42", "鄂"}, {"43", "湘"},
      {"44", "粤"}, {"45", "桂"}, {"46", "琼"}, {"50", "渝"}, {"51", "川"}, {"52", "黔"},
      {"53", "滇"}, {"54", "藏"}, {"61", "陕"}, {"62", "甘"}, {"63", "青"}, {"64", "宁"},
      {"65", "新"}};
  return marks;
}

const std::map<std::string, std::vector<std::string>>& NarrowerFields() {
  static const std::map<std::string, std::vector<std::string>> narrower = {
      {"elderly", {"elderly-home-care", "elderly-dementia", "elderly-left-behind"}},
      {"children", {"children-left-behind", "children-protection", "children-early"}},
      {"youth", {"youth-at-risk", "youth-employment"}},
      {"family", {"family-violence", "family-parenting"}},
      {"disability", {"disability-rehabilitation", "disability-autism"}},
      {"medical", {"medical-chronic"}},
      {"mental-health", {"mental-health-severe"}},
      {"community", {"community-governance", "community-volunteers", "community-relocation"}}};
  return narrower;
}

std::string TargetGroupOf(const std::string& field) {
  if (field == "elderly") return "group-elderly";
  if (field == "children" || field == "school") return "group-children";
  if (field == "youth") return "group-youth";
  if (field == "women" || field == "family") return "group-women";
  if (field == "disability") return "group-disabled";
  if (field == "medical" || field == "mental-health") return "group-patients";
  if (field == "community") return "group-relocated";
  return "group-low-income";
}

v1::AssessmentGrade GradeOf(int number) { return static_cast<v1::AssessmentGrade>(number); }

std::string Day(int year, int64_t month, int64_t day) {
  char text[16];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, static_cast<int>(month),
                static_cast<int>(day));
  return text;
}

}  // namespace

const std::vector<std::pair<std::string, int64_t>>& SampleFields() {
  static const std::vector<std::pair<std::string, int64_t>> fields = {
      {"elderly", 20},   {"children", 18},         {"community", 16},    {"family", 9},
      {"youth", 8},      {"disability", 7},        {"school", 6},        {"medical", 5},
      {"rural", 5},      {"social-assistance", 5}, {"mental-health", 4}, {"women", 4},
      {"correction", 3}, {"drug-control", 3},      {"training", 3}};
  return fields;
}

std::string AreaLanguage(const std::string& province) {
  if (province == "54" || province == "63") return "bo";
  if (province == "65") return "ug";
  if (province == "15") return "mn";
  if (province == "45") return "za";
  if (province == "51") return "ii";
  return "";
}

AgencyMaker::AgencyMaker(const RealRegions& regions, uint64_t seed, bool names_in_words)
    : regions_(regions), seed_(seed), names_in_words_(names_in_words), random_(seed) {
  for (const auto& [province, gdp] : regions_.gdp) {
    if (regions_.counties.count(province) == 0) continue;
    provinces_.push_back(province);
    province_weights_.push_back(std::max<int64_t>(gdp / 100, 1));
  }
}

v1::Agency AgencyMaker::MakeAnywhere(int64_t number) {
  const std::string& province = provinces_[random_.Weighted(province_weights_)];
  return Make(number, random_.Pick(regions_.counties.at(province)),
              static_cast<int>(random_.Below(3)));
}

v1::Agency AgencyMaker::MakeStrong(int64_t number, const std::string& province) {
  return Make(number, random_.Pick(regions_.counties.at(province)), 3);
}

v1::Agency AgencyMaker::MakeLocal(int64_t number, const std::string& county) {
  v1::Agency agency = Make(number, county, 0);
  agency.set_display_name("合成-" + regions_.names.at(county) + "社工服务中心");
  return agency;
}

v1::Agency AgencyMaker::Make(int64_t number, const std::string& county, int strength) {
  const std::string province = county.substr(0, 2);
  char serial[24];
  std::snprintf(serial, sizeof serial, "%04lld", static_cast<long long>(number));
  v1::Agency agency;
  agency.set_name("agencies/syn-" + std::string(serial));
  agency.set_display_name("合成-" + ProvinceMarks().at(province) + "-" + serial);
  (*agency.mutable_labels())["synthetic"] = "true";
  agency.set_owner("sample");
  agency.set_status(random_.Chance(985) ? v1::AGENCY_STATUS_ACTIVE : v1::AGENCY_STATUS_SUSPENDED);
  agency.set_home_region("regions/" + county);
  agency.set_registration_region("regions/" + county);
  agency.set_legal_form(random_.Chance(850) ? v1::LEGAL_FORM_SOCIAL_SERVICE_BODY
                                            : v1::LEGAL_FORM_ASSOCIATION);
  auto* identifier = agency.add_identifiers();
  identifier->set_scheme("synthetic");
  identifier->set_value("SYN" + std::string(serial));
  identifier->set_verified(true);
  auto* english = agency.add_names();
  english->set_language("en");
  english->set_text("Synthetic agency " + std::string(serial));
  if (names_in_words_) {
    const MadeUpName name = NameInWords(number, regions_.names.at(county), seed_);
    agency.set_display_name(name.chinese);
    english->set_text(name.english);
  }

  std::vector<int64_t> weights;
  for (const auto& field : SampleFields()) weights.push_back(field.second);
  const int64_t fields =
      strength >= 3 ? random_.Between(3, 6) : random_.Between(1, strength == 2 ? 4 : 2);
  std::vector<std::string> chosen;
  for (int64_t i = 0; i < fields; ++i) {
    const std::string field = SampleFields()[random_.Weighted(weights)].first;
    if (std::find(chosen.begin(), chosen.end(), field) != chosen.end()) continue;
    chosen.push_back(field);
    auto* skill = agency.add_categories();
    skill->set_category("serviceCategories/" + field);
    skill->set_level(
        static_cast<int32_t>(random_.Between(1 + strength / 2, 3 + (strength + 1) / 2)));
    if (random_.Chance(850))
      skill->set_years(static_cast<int32_t>(random_.Between(1, 4 + 4 * strength)));
    const std::string group = "serviceCategories/" + TargetGroupOf(field);
    if (std::find(agency.target_groups().begin(), agency.target_groups().end(), group) ==
        agency.target_groups().end()) {
      agency.add_target_groups(group);
    }
    auto narrower = NarrowerFields().find(field);
    if (narrower != NarrowerFields().end() && random_.Chance(500)) {
      auto* narrow = agency.add_categories();
      narrow->set_category("serviceCategories/" + random_.Pick(narrower->second));
      narrow->set_level(skill->level());
    }
  }
  const int dimension = static_cast<int>(random_.Between(1, 4));
  agency.add_dimensions(static_cast<v1::Dimension>(dimension));

  if (random_.Chance(strength >= 3 ? 970 : 600)) {
    const int grade =
        std::clamp(static_cast<int>(random_.Between(1, 3)) + (strength + 1) / 2, 1, 5);
    v1::Assessment* assessment = agency.mutable_assessment();
    assessment->set_grade(GradeOf(grade));
    assessment->set_points(
        std::min<int32_t>(1000, 450 + grade * 100 + static_cast<int32_t>(random_.Below(95))));
    assessment->set_body("合成 synthetic assessment body");
    const int year = static_cast<int>(random_.Between(strength >= 3 ? 2022 : 2020, 2025));
    const std::string month_day = Day(0, random_.Between(1, 12), random_.Between(1, 28)).substr(4);
    assessment->set_awarded_date(std::to_string(year) + month_day);
    assessment->set_expiry_date(std::to_string(year + 5) + month_day);
  } else {
    agency.mutable_assessment()->set_not_assessed_reason("younger than two years");
  }

  if (random_.Chance(900)) {
    v1::Staff* staff = agency.mutable_staff();
    const auto total = static_cast<int32_t>(random_.Between(4, 12 + 30 * strength));
    staff->set_total(total);
    staff->set_assistant_social_workers(
        static_cast<int32_t>(random_.Below(static_cast<uint64_t>(total / 2 + 1))));
    staff->set_social_workers(
        static_cast<int32_t>(random_.Below(static_cast<uint64_t>(total / 3 + 1))));
    staff->set_senior_social_workers(
        static_cast<int32_t>(random_.Below(static_cast<uint64_t>(strength + 1))));
    if (staff->assistant_social_workers() + staff->social_workers() +
            staff->senior_social_workers() >
        total) {
      staff->set_senior_social_workers(0);
    }
    staff->set_volunteers(static_cast<int32_t>(random_.Between(0, 300)));
    staff->set_as_of_date("2025-12-31");
  }
  if (random_.Chance(600)) {
    const auto purchase = static_cast<int32_t>(random_.Between(300, 950));
    auto* share = agency.add_income_mix();
    share->set_kind("government_purchase");
    share->set_share_permille(purchase);
    share->set_year(2025);
    auto* rest = agency.add_income_mix();
    rest->set_kind("donation");
    rest->set_share_permille(1000 - purchase);
    rest->set_year(2025);
  }
  if (random_.Chance(700))
    agency.set_retention_permille(static_cast<int32_t>(random_.Between(550, 980)));
  agency.mutable_capacity()->set_slots(static_cast<int32_t>(random_.Between(0, 1 + strength)));
  agency.add_languages("zh");
  const std::string own_language = AreaLanguage(province);
  if (!own_language.empty() && random_.Chance(600)) {
    agency.add_languages(own_language);
  } else if (random_.Chance(strength >= 3 ? 260 : 60)) {
    static const std::vector<std::string> kLearned = {"bo", "ug", "mn", "za", "ii"};
    agency.add_languages(random_.Pick(kLearned));
  }
  static const std::vector<std::string> kEthnicAreas = {"54", "65", "15", "45",
                                                        "64", "63", "52", "53"};
  if (random_.Chance(strength >= 3 ? 450 : 120)) {
    const std::string area = random_.Pick(kEthnicAreas);
    agency.add_ethnic_area_experience("regions/" + area + "0000");
    if (random_.Chance(500)) {
      v1::Method* method = agency.add_methods();
      method->set_method("family group conference");
      method->add_adapted_for("regions/" + area + "0000");
    }
  }
  agency.set_what_we_do(
      "合成数据:在本地开展社会工作服务。Synthetic record: runs social-work services in its area.");
  auto* provenance = agency.add_provenance();
  provenance->set_field_path("*");
  provenance->set_source("synthetic:tandem-sample");
  return agency;
}

AgencySketch AgencyMaker::SketchOf(const v1::Agency& agency) {
  AgencySketch sketch;
  sketch.name = agency.name();
  sketch.province = agency.home_region().substr(8, 2);
  for (const auto& skill : agency.categories()) sketch.categories.push_back(skill.category());
  sketch.languages.assign(agency.languages().begin(), agency.languages().end());
  return sketch;
}

}  // namespace tandem::sample
