// SPDX-License-Identifier: Apache-2.0

// Each hard rule at its border: one pair that keeps them all, one change at a time, and what both
// judges (the sets of offers and the pair by pair one) must say to it.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/candidates.h"
#include "match/pair_rules.h"
#include "sample_round.h"
#include "support/status_matchers.h"

namespace tandem::match {
namespace {

struct Case {
  std::string what;
  std::function<void(SampleRound*)> change;
  // The rules it breaks, in order; none: it may be made.
  std::vector<Rule> broken;
};

v1::HardRules* RulesOf(SampleRound* r) { return r->profile.mutable_hard_rules(); }
v1::Agency* Helper(SampleRound* r) { return r->agency("agencies/helper"); }
v1::Region* County(SampleRound* r) { return r->region("regions/w-county"); }

void Forbid(SampleRound* r, const std::string& partner) {
  v1::ForbiddenPair* pair = RulesOf(r)->add_forbidden_pairs();
  pair->set_agency("agencies/helper");
  pair->set_partner(partner);
}

void MapField(SampleRound* r, const std::string& from, const std::string& to,
              v1::MappingKind kind) {
  v1::CategoryMapping* mapping = r->category(from)->add_mappings();
  mapping->set_category(to);
  mapping->set_kind(kind);
}

void OfferOnly(SampleRound* r, const std::string& field) { r->offers[0].add_categories(field); }

// Somebody stands for a part of the agency until `lapse_date`; "": for good.
void Vouch(SampleRound* r, const std::string& path, const std::string& lapse_date) {
  v1::Provenance* entry = Helper(r)->add_provenance();
  entry->set_field_path(path);
  entry->set_source("sources/s");
  entry->set_lapse_date(lapse_date);
}

std::vector<Case> AgencyCases() {
  return {
      {"as it is", [](SampleRound*) {}, {}},
      {"status not said", [](SampleRound* r) { Helper(r)->clear_status(); }, {}},
      {"suspended",
       [](SampleRound* r) { Helper(r)->set_status(v1::AGENCY_STATUS_SUSPENDED); },
       {Rule::kAgencyInactive}},
      {"ended",
       [](SampleRound* r) { Helper(r)->set_status(v1::AGENCY_STATUS_ENDED); },
       {Rule::kAgencyInactive}},
      {"no consent", [](SampleRound* r) { r->offers[0].clear_consent(); }, {Rule::kNoConsent}},
      {"an empty consent",
       [](SampleRound* r) { r->offers[0].mutable_consent()->Clear(); },
       {Rule::kNoConsent}},
      {"consent by document",
       [](SampleRound* r) {
         r->offers[0].mutable_consent()->Clear();
         r->offers[0].mutable_consent()->set_document("minutes 7");
       },
       {}},
      {"grade as asked",
       [](SampleRound* r) { Helper(r)->mutable_assessment()->set_grade(v1::ASSESSMENT_GRADE_3A); },
       {}},
      {"grade below",
       [](SampleRound* r) { Helper(r)->mutable_assessment()->set_grade(v1::ASSESSMENT_GRADE_2A); },
       {Rule::kGradeBelow}},
      {"grade on its last day",
       [](SampleRound* r) { Helper(r)->mutable_assessment()->set_expiry_date(kDay); },
       {}},
      {"grade a day too old",
       [](SampleRound* r) { Helper(r)->mutable_assessment()->set_expiry_date("2026-02-28"); },
       {Rule::kGradeExpired}},
      {"five years from the award",
       [](SampleRound* r) {
         Helper(r)->mutable_assessment()->clear_expiry_date();
         Helper(r)->mutable_assessment()->set_awarded_date("2021-03-01");
       },
       {}},
      {"five years and a day from the award",
       [](SampleRound* r) {
         Helper(r)->mutable_assessment()->clear_expiry_date();
         Helper(r)->mutable_assessment()->set_awarded_date("2021-02-28");
       },
       {Rule::kGradeExpired}},
      {"expired and below is below",
       [](SampleRound* r) {
         Helper(r)->mutable_assessment()->set_grade(v1::ASSESSMENT_GRADE_1A);
         Helper(r)->mutable_assessment()->set_expiry_date("2020-01-01");
       },
       {Rule::kGradeBelow}},
      {"expired where no grade is asked for",
       [](SampleRound* r) {
         r->needs[0].clear_min_grade();
         Helper(r)->mutable_assessment()->set_expiry_date("2020-01-01");
       },
       {}},
      {"grade whose assurance lapses on the day",
       [](SampleRound* r) { Vouch(r, "assessment", kDay); },
       {}},
      {"grade whose assurance lapsed is no grade",
       [](SampleRound* r) { Vouch(r, "assessment", "2026-02-28"); },
       {Rule::kGradeBelow}},
      {"another stands for the grade",
       [](SampleRound* r) {
         Vouch(r, "assessment", "2026-02-28");
         Vouch(r, "assessment.grade", "");
       },
       {}},
      {"the whole record lapsed, the grade did not",
       [](SampleRound* r) {
         Vouch(r, "*", "2026-02-28");
         Vouch(r, "assessment", "2026-03-02");
         Vouch(r, "place", "2026-03-02");
         Vouch(r, "services", "2026-03-02");
         Vouch(r, "localisation", "2026-03-02");
       },
       {}},
      {"what has ended does not come back",
       [](SampleRound* r) {
         Helper(r)->set_status(v1::AGENCY_STATUS_ENDED);
         Vouch(r, "status", "2026-02-28");
       },
       {Rule::kAgencyInactive}},
      {"helping itself",
       [](SampleRound* r) { r->needs[0].set_receiving_agency("agencies/helper"); },
       {Rule::kSameAgency}},
      {"refused by the county",
       [](SampleRound* r) { r->needs[0].add_refused_agencies("agencies/helper"); },
       {Rule::kAgencyRefused}},
      {"another is refused",
       [](SampleRound* r) { r->needs[0].add_refused_agencies("agencies/local"); },
       {}},
      {"forbidden for the province",
       [](SampleRound* r) { Forbid(r, "regions/w"); },
       {Rule::kForbiddenPair}},
      {"forbidden for the receiver",
       [](SampleRound* r) { Forbid(r, "agencies/local"); },
       {Rule::kForbiddenPair}},
      {"forbidden for another region", [](SampleRound* r) { Forbid(r, "regions/e"); }, {}},
  };
}

std::vector<Case> FieldCases() {
  return {
      {"a broader field", [](SampleRound* r) { OfferOnly(r, "serviceCategories/field"); }, {}},
      {"another field",
       [](SampleRound* r) { OfferOnly(r, "serviceCategories/child"); },
       {Rule::kCategoryMismatch}},
      {"a narrower field",
       [](SampleRound* r) {
         r->needs[0].set_category("serviceCategories/field");
         OfferOnly(r, "serviceCategories/old");
       },
       {Rule::kCategoryMismatch}},
      {"the agency's fields do not add to the offer's own",
       [](SampleRound* r) {
         Helper(r)->add_categories()->set_category("serviceCategories/old");
         OfferOnly(r, "serviceCategories/child");
       },
       {Rule::kCategoryMismatch}},
      {"exactly mapped",
       [](SampleRound* r) {
         OfferOnly(r, "serviceCategories/child");
         MapField(r, "serviceCategories/child", "serviceCategories/old", v1::MAPPING_KIND_EXACT);
       },
       {}},
      {"closely mapped the other way",
       [](SampleRound* r) {
         OfferOnly(r, "serviceCategories/child");
         MapField(r, "serviceCategories/old", "serviceCategories/child", v1::MAPPING_KIND_CLOSE);
       },
       {}},
      {"mapped as broader",
       [](SampleRound* r) {
         OfferOnly(r, "serviceCategories/child");
         MapField(r, "serviceCategories/child", "serviceCategories/old", v1::MAPPING_KIND_BROADER);
       },
       {Rule::kCategoryMismatch}},
      {"replaced by the field asked for",
       [](SampleRound* r) {
         OfferOnly(r, "serviceCategories/child");
         r->category("serviceCategories/child")->add_replaced_by("serviceCategories/old");
       },
       {}},
      {"any field will do",
       [](SampleRound* r) {
         OfferOnly(r, "serviceCategories/child");
         RulesOf(r)->set_ignore_category(true);
       },
       {}},
      {"language of another region form",
       [](SampleRound* r) { r->offers[0].add_languages("BO-cn"); },
       {}},
      {"language not spoken",
       [](SampleRound* r) { r->offers[0].add_languages("zh"); },
       {Rule::kLanguageMissing}},
      {"a longer tag that only begins alike",
       [](SampleRound* r) { r->offers[0].add_languages("bod"); },
       {Rule::kLanguageMissing}},
      {"only the special form is asked for",
       [](SampleRound* r) { r->needs[0].set_required_languages(0, "bo-CN"); },
       {Rule::kLanguageMissing}},
      {"one of two languages",
       [](SampleRound* r) { r->needs[0].add_required_languages("ug"); },
       {Rule::kLanguageMissing}},
      {"no language asked",
       [](SampleRound* r) {
         r->offers[0].add_languages("zh");
         RulesOf(r)->set_ignore_languages(true);
       },
       {}},
  };
}

std::vector<Case> PlaceCases() {
  return {
      {"no such corridor",
       [](SampleRound* r) { r->offers[0].set_corridor("elsewhere"); },
       {Rule::kCorridorMismatch}},
      {"no corridor named",
       [](SampleRound* r) { r->offers[0].clear_corridor(); },
       {Rule::kCorridorMismatch}},
      {"corridor to elsewhere",
       [](SampleRound* r) { r->round.mutable_corridors(0)->set_receiving_region("regions/e"); },
       {Rule::kCorridorMismatch}},
      {"corridor from elsewhere",
       [](SampleRound* r) { r->round.mutable_corridors(0)->set_supporting_region("regions/w"); },
       {Rule::kCorridorMismatch}},
      {"a round without corridors", [](SampleRound* r) { r->round.clear_corridors(); }, {}},
      {"gap just as asked",
       [](SampleRound* r) { RulesOf(r)->set_min_sector_gap_permille(500); },
       {}},
      {"gap one short",
       [](SampleRound* r) { RulesOf(r)->set_min_sector_gap_permille(501); },
       {Rule::kSectorGap}},
      {"gap waived by designation",
       [](SampleRound* r) {
         RulesOf(r)->set_min_sector_gap_permille(501);
         RulesOf(r)->add_gap_waived_designations("key_county");
       },
       {}},
      {"gap not waived by another designation",
       [](SampleRound* r) {
         RulesOf(r)->set_min_sector_gap_permille(501);
         RulesOf(r)->add_gap_waived_designations("old_base");
       },
       {Rule::kSectorGap}},
      {"gap across provinces is not waived inside one",
       [](SampleRound* r) {
         RulesOf(r)->set_min_sector_gap_permille(501);
         RulesOf(r)->set_gap_waived_inside_province(true);
       },
       {Rule::kSectorGap}},
      {"gap waived inside a province",
       [](SampleRound* r) {
         r->round.clear_corridors();
         RulesOf(r)->set_min_sector_gap_permille(1);
         RulesOf(r)->set_gap_waived_inside_province(true);
         Helper(r)->set_home_region("regions/w");
       },
       {}},
      {"index not reported",
       [](SampleRound* r) {
         r->region("regions/e")->clear_sector_index();
         RulesOf(r)->set_min_sector_gap_permille(1000);
       },
       {}},
      {"the county's own index before the province's",
       [](SampleRound* r) { County(r)->mutable_sector_index()->set_value_permille(750); },
       {Rule::kSectorGap}},
      {"just low enough", [](SampleRound* r) { r->offers[0].set_max_altitude_m(3600); }, {}},
      {"a metre too high",
       [](SampleRound* r) { r->offers[0].set_max_altitude_m(3599); },
       {Rule::kAltitude}},
      {"the need's own altitude counts first",
       [](SampleRound* r) { r->needs[0].mutable_local_conditions()->set_altitude_m(4001); },
       {Rule::kAltitude}},
      {"no altitude known",
       [](SampleRound* r) {
         County(r)->clear_altitude_m();
         r->offers[0].set_max_altitude_m(0);
       },
       {}},
      {"any altitude will do",
       [](SampleRound* r) {
         r->offers[0].set_max_altitude_m(100);
         RulesOf(r)->set_ignore_altitude(true);
       },
       {}},
      {"one day in common", [](SampleRound* r) { r->offers[0].set_start_date("2026-09-30"); }, {}},
      {"a day too late",
       [](SampleRound* r) { r->offers[0].set_start_date("2026-10-01"); },
       {Rule::kDatesApart}},
      {"a day too early",
       [](SampleRound* r) {
         r->offers[0].set_start_date("2026-01-01");
         r->offers[0].set_end_date("2026-03-31");
       },
       {Rule::kDatesApart}},
      {"an open end",
       [](SampleRound* r) {
         r->offers[0].clear_end_date();
         r->needs[0].clear_end_date();
       },
       {}},
      {"any date will do",
       [](SampleRound* r) {
         r->offers[0].set_start_date("2027-01-01");
         RulesOf(r)->set_ignore_dates(true);
       },
       {}},
      {"only other regions",
       [](SampleRound* r) { r->offers[0].set_accepted_regions(0, "regions/e"); },
       {Rule::kRegionNotAccepted}},
      {"its province refused",
       [](SampleRound* r) { r->offers[0].add_refused_regions("regions/w"); },
       {Rule::kRegionRefused}},
      {"several rules at once",
       [](SampleRound* r) {
         r->offers[0].clear_consent();
         r->offers[0].add_refused_regions("regions/w-county");
         r->needs[0].add_refused_agencies("agencies/helper");
       },
       {Rule::kNoConsent, Rule::kRegionRefused, Rule::kAgencyRefused}},
  };
}

class HardRules : public ::testing::TestWithParam<Case> {};

TEST_P(HardRules, BothJudgesSaySo) {
  SampleRound round = OnePairRound();
  GetParam().change(&round);
  const std::unique_ptr<MemorySource> source = round.Source();
  PairRules rules(source.get(), &round.profile.hard_rules(), kRoundName, kDay);
  EXPECT_THAT(rules.Broken("needs/n", "offers/o"), support::IsOkAndHolds(GetParam().broken));

  ASSERT_OK_AND_ASSIGN(Candidates found,
                       FindCandidates(*SnapshotOf(*source), round.profile.hard_rules(), {}));
  EXPECT_EQ(found.n_pairs(), GetParam().broken.empty() ? 1U : 0U);
  RuleCounts counted{};
  if (!GetParam().broken.empty()) counted[static_cast<size_t>(GetParam().broken.front())] = 1;
  EXPECT_EQ(found.need_dropped, std::vector<RuleCounts>{counted});
  EXPECT_EQ(found.offer_dropped, std::vector<RuleCounts>{counted});
}

std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  std::string name = info.param.what;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Agency, HardRules, ::testing::ValuesIn(AgencyCases()), NameOf);
INSTANTIATE_TEST_SUITE_P(Field, HardRules, ::testing::ValuesIn(FieldCases()), NameOf);
INSTANTIATE_TEST_SUITE_P(Place, HardRules, ::testing::ValuesIn(PlaceCases()), NameOf);

// Every group a match reads is as if nobody had reported it, and the run says how many there were.
TEST(LapsedAssurance, IsNotReported) {
  SampleRound lapsed = OnePairRound();
  SampleRound silent = OnePairRound();
  for (SampleRound* round : {&lapsed, &silent}) {
    v1::Agency* helper = Helper(round);
    helper->mutable_assessment()->set_points(900);
    helper->mutable_staff()->set_total(9);
    helper->mutable_staff()->set_social_workers(4);
    helper->set_retention_permille(800);
    helper->mutable_location()->set_latitude_e7(1);
    v1::IncomeShare* share = helper->add_income_mix();
    share->set_kind("government_purchase");
    share->set_share_permille(700);
    share->set_year(2025);
    helper->add_languages("bo");
  }
  Vouch(&lapsed, "*", "2026-02-28");
  v1::Agency* helper = Helper(&silent);
  v1::Agency bare;
  bare.set_name(helper->name());
  bare.set_status(helper->status());
  *helper = bare;
  const auto s = SnapshotOf(*lapsed.Source());
  const auto t = SnapshotOf(*silent.Source());
  const AgencyRow& a = s->agency_rows[s->agencies.Find("agencies/helper")];
  const AgencyRow& b = t->agency_rows[t->agencies.Find("agencies/helper")];
  EXPECT_TRUE(a.known);
  EXPECT_EQ(a.active, b.active);
  EXPECT_EQ(a.home, b.home);
  EXPECT_EQ(a.grade, b.grade);
  EXPECT_EQ(a.points, b.points);
  EXPECT_EQ(a.staff_total, b.staff_total);
  EXPECT_EQ(a.staff_certified, b.staff_certified);
  EXPECT_EQ(a.retention_permille, b.retention_permille);
  EXPECT_EQ(a.government_share_permille, b.government_share_permille);
  EXPECT_EQ(a.latitude_e7, b.latitude_e7);
  EXPECT_TRUE(a.categories.empty());
  EXPECT_TRUE(a.languages.empty());
  EXPECT_THAT(s->warnings, ::testing::Contains(::testing::HasSubstr("had lapsed by 2026-03-01")));
}

}  // namespace
}  // namespace tandem::match
