// SPDX-License-Identifier: Apache-2.0

#include "model/record_rules.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace tandem::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A record with what is expected to be wrong in it; text form, so that a case is two lines.
struct Case {
  const char* record;
  std::vector<std::string> wrong;
};

template <typename T>
std::vector<std::string> Check(RecordType type, const std::string& text) {
  T record;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &record)) << text;
  std::vector<FieldViolation> violations;
  CheckRecord(type, &record, "", &violations);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

template <typename T>
void RunCases(RecordType type, const std::string& base, const std::vector<Case>& cases) {
  EXPECT_THAT(Check<T>(type, base), IsEmpty()) << base;
  for (const Case& c : cases) {
    EXPECT_EQ(Check<T>(type, base + " " + c.record), c.wrong) << c.record;
  }
}

TEST(AgencyRules, Cases) {
  RunCases<v1::Agency>(
      RecordType::kAgency, R"(name: "agencies/a" display_name: "A")",
      {
          // Assessment.
          {R"(assessment { grade: ASSESSMENT_GRADE_5A awarded_date: "2024-01-02"
              expiry_date: "2024-01-02" })",
           {}},
          {R"(assessment { awarded_date: "2024-01-02" expiry_date: "2024-01-01" })",
           {"assessment.expiry_date"}},
          {R"(assessment { not_assessed_reason: "young" })", {}},
          {R"(assessment { grade: ASSESSMENT_GRADE_1A not_assessed_reason: "young" })",
           {"assessment.not_assessed_reason"}},
          // Staff.
          {"staff { total: 6 assistant_social_workers: 1 social_workers: 2 "
           "senior_social_workers: 3 }",
           {}},
          {"staff { total: 5 assistant_social_workers: 1 social_workers: 2 "
           "senior_social_workers: 3 volunteers: 99 }",
           {"staff.total"}},
          {"staff { social_workers: 3 }", {}},
          {"staff { total: 2147483647 social_workers: 2147483647 senior_social_workers: "
           "2147483647 }",
           {"staff.total"}},
          {"staff { total: 5 } capacity { home_floor: 5 }", {}},
          {"staff { total: 5 } capacity { home_floor: 6 }", {"capacity.home_floor"}},
          {"staff { total: 0 } capacity { home_floor: 1 }", {"capacity.home_floor"}},
          // Not reported is not zero.
          {"staff { volunteers: 3 } capacity { home_floor: 6 }", {}},
          // Income.
          {R"(income_mix { kind: "a" share_permille: 600 year: 2024 }
              income_mix { kind: "b" share_permille: 400 year: 2024 }
              income_mix { kind: "a" share_permille: 1000 year: 2025 })",
           {}},
          {R"(income_mix { kind: "a" share_permille: 600 year: 2024 }
              income_mix { kind: "b" share_permille: 401 year: 2024 })",
           {"income_mix"}},
          {R"(income_mix { kind: "a" share_permille: 1 year: 2024 }
              income_mix { kind: "a" share_permille: 1 year: 2024 })",
           {"income_mix[1].kind"}},
          // Contracts.
          {R"(contracts { buyer: "b" sign_date: "2024-06-01" start_date: "2024-01-01"
              end_date: "2024-12-31" })",
           {}},
          {R"(contracts { buyer: "b" start_date: "2024-01-02" end_date: "2024-01-01" })",
           {"contracts[0].end_date"}},
          {R"(contracts { buyer: "b" sign_date: "2024-01-02" end_date: "2024-01-01" })",
           {"contracts[0].end_date"}},
          // Identifiers.
          {R"(identifiers { scheme: "uscc" value: "91350100M000100Y43" verified: true })", {}},
          {R"(identifiers { scheme: "uscc" value: "91350100M000100Y44" })",
           {"identifiers[0].value"}},
          {R"(identifiers { scheme: "uscc" value: "91350100m000100y43" })", {}},
          {R"(identifiers { scheme: "synthetic" value: "X-1" })", {}},
          // However a number is written, it is one.
          {R"(identifiers { scheme: "uscc" value: "91350100 m000100y43" })", {}},
          {R"(identifiers { scheme: "uscc" value: "９１３５０１００Ｍ０００１００Ｙ４３" })", {}},
          {R"(identifiers { scheme: "x" value: "a 1" } identifiers { scheme: "x" value: "A1" })",
           {"identifiers[1].value"}},
          {R"(identifiers { scheme: "x" value: "  " })", {"identifiers[0].value"}},
          // Merges alone say so.
          {R"(status: AGENCY_STATUS_MERGED)", {"status"}},
          {R"(status: AGENCY_STATUS_MERGED merged_into: "agencies/b")", {}},
          {R"(merged_into: "agencies/b")", {"status"}},
          {R"(identifiers { scheme: "x" value: "1" } identifiers { scheme: "y" value: "1" })", {}},
          {R"(identifiers { scheme: "x" value: "1" } identifiers { scheme: "x" value: "1" })",
           {"identifiers[1].value"}},
          // A registry's own slip is kept, but never as verified.
          {R"(identifiers { scheme: "uscc" value: "91350100M000100Y44" }
              provenance { field_path: "identifiers" source: "registry:cn-mca" })",
           {}},
          {R"(identifiers { scheme: "uscc" value: "91350100M000100Y44" verified: true }
              provenance { field_path: "*" source: "registry:cn-mca" })",
           {"identifiers[0].value"}},
          {R"(identifiers { scheme: "uscc" value: "91350100M000100Y44" }
              provenance { field_path: "staff" source: "registry:cn-mca" })",
           {"identifiers[0].value"}},
          {R"(identifiers { scheme: "uscc" value: "91350100M000100Y44" }
              provenance { field_path: "*" source: "self" })",
           {"identifiers[0].value"}},
          // Lists.
          {R"(categories { category: "serviceCategories/a" }
              categories { category: "serviceCategories/a" })",
           {"categories[1].category"}},
          {R"(names { language: "en" text: "A" } names { language: "en" text: "B" })",
           {"names[1].language"}},
          {R"(languages: "zh" languages: "zh")", {"languages[1]"}},
          {R"(provenance { field_path: "*" source: "s" assured_date: "2024-01-02"
              lapse_date: "2024-01-01" })",
           {"provenance[0].lapse_date"}},
      });
}

TEST(AgencyRules, ARegistrysWrongNumbersAreKeptUnverified) {
  v1::Agency agency;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(name: "agencies/a" display_name: "A"
         identifiers { scheme: "uscc" value: "91350100M000100Y43" verified: true }
         identifiers { scheme: "uscc" value: "91350100m000100y44" verified: true }
         identifiers { scheme: "other" value: "x" verified: true })",
      &agency));
  const std::vector<FieldViolation> warnings = KeepRegistryIdentifiers(&agency);
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].field, "identifiers[1].value");
  EXPECT_TRUE(agency.identifiers(0).verified());
  EXPECT_FALSE(agency.identifiers(1).verified());
  EXPECT_TRUE(agency.identifiers(2).verified());
  // The record says so itself, so that it passes whenever it is written again.
  ASSERT_EQ(agency.provenance_size(), 1);
  EXPECT_EQ(agency.provenance(0).field_path(), "identifiers");
  EXPECT_EQ(agency.provenance(0).source(), "registry:import");
  std::vector<FieldViolation> violations;
  CheckRecord(RecordType::kAgency, &agency, "", &violations);
  EXPECT_THAT(violations, IsEmpty());
  EXPECT_EQ(KeepRegistryIdentifiers(&agency).size(), 1U);
  EXPECT_EQ(agency.provenance_size(), 1) << "said once";
  v1::Agency sound;
  EXPECT_THAT(KeepRegistryIdentifiers(&sound), IsEmpty());
  EXPECT_EQ(sound.provenance_size(), 0);
}

TEST(RegionRules, Cases) {
  RunCases<v1::Region>(
      RecordType::kRegion, R"(name: "regions/632323" display_name: "R" code: "632323")",
      {
          {R"(code_scheme: "gbt2260")", {}},
          {R"(code_scheme: "other")", {}},
          {R"(parent_region: "regions/632300")", {}},
          {R"(parent_region: "regions/632323")", {"parent_region"}},
          {R"(valid_from_date: "2024-01-01" valid_to_date: "2024-01-01")", {}},
          {R"(valid_from_date: "2024-01-02" valid_to_date: "2024-01-01")", {"valid_to_date"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" share_permille: 600 }
              successors { region: "regions/2" share_permille: 400 })",
           {}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" share_permille: 600 }
              successors { region: "regions/2" share_permille: 401 })",
           {"successors"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" share_permille: 600 }
              successors { region: "regions/2" share_permille: 399 })",
           {"successors"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" share_permille: 1000 }
              successors { region: "regions/2" })",
           {"successors[1].share_permille"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" }
              successors { region: "regions/2" kind: SUCCESSION_KIND_SPLIT })",
           {}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" kind: SUCCESSION_KIND_MERGE }
              successors { region: "regions/2" kind: SUCCESSION_KIND_RENAME })",
           {"successors[0].kind", "successors[1].kind"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" kind: SUCCESSION_KIND_SPLIT })",
           {"successors[0].kind"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/1" }
              successors { region: "regions/1" })",
           {"successors[1].region"}},
          {R"(same_as: "regions/x-1" same_as: "regions/x-1")", {"same_as[1]"}},
          {R"(same_as: "regions/632323")", {"same_as[0]"}},
          {R"(former_names: "A" former_names: "A")", {"former_names[1]"}},
          {R"(successors { region: "regions/1" })", {"valid_to_date"}},
          {R"(valid_to_date: "2024-01-01" successors { region: "regions/632323" })",
           {"successors[0].region"}},
          {R"(designations { designation_id: "a" } designations { designation_id: "a" })",
           {"designations[1].designation_id"}},
          {R"(indicators { indicator_id: "gdp" year: 2020 } indicators { indicator_id: "gdp"
              year: 2021 })",
           {}},
          {R"(indicators { indicator_id: "gdp" year: 2020 } indicators { indicator_id: "gdp"
              year: 2020 })",
           {"indicators[1].indicator_id"}},
      });
  EXPECT_THAT(Check<v1::Region>(RecordType::kRegion,
                                R"(name: "regions/x" display_name: "R" code: "632323"
                                   code_scheme: "gbt2260")"),
              ElementsAre("code"));
}

TEST(CategoryRules, Cases) {
  RunCases<v1::ServiceCategory>(
      RecordType::kServiceCategory,
      R"(name: "serviceCategories/a" display_name: "A" taxonomy: "t")",
      {
          {R"(parent_category: "serviceCategories/a")", {"parent_category"}},
          {R"(replaced_by: "serviceCategories/b" replaced_by: "serviceCategories/a")",
           {"replaced_by[1]"}},
          {R"(replaced_by: "serviceCategories/b" replaced_by: "serviceCategories/b")",
           {"replaced_by[1]"}},
          {R"(valid_from_date: "2024-01-02" valid_to_date: "2024-01-01")", {"valid_to_date"}},
          {R"(valid_to_date: "2024-01-01"
              successors { category: "serviceCategories/b" share_permille: 1000 })",
           {}},
          {R"(valid_to_date: "2024-01-01"
              successors { category: "serviceCategories/a" share_permille: 999 })",
           {"successors[0].category", "successors"}},
          {R"(successors { category: "serviceCategories/b" })", {"valid_to_date"}},
          {R"(former_names: "B" former_names: "B")", {"former_names[1]"}},
          {R"(mappings { taxonomy: "x" code: "1" } mappings { category: "serviceCategories/b" })",
           {}},
          {R"(mappings { taxonomy: "x" })", {"mappings[0]"}},
          {R"(mappings { category: "serviceCategories/a" })", {"mappings[0].category"}},
          {R"(names { language: "en" text: "A" } names { language: "en" text: "B" })",
           {"names[1].language"}},
      });
}

TEST(RoundRules, Cases) {
  const std::string corridor = R"(supporting_region: "regions/33" receiving_region: "regions/63")";
  RunCases<v1::Round>(
      RecordType::kRound, R"(name: "rounds/a" display_name: "A")",
      {
          {R"(time_zone: "Asia/Shanghai")", {}},
          {R"(time_zone: "Asia/Nowhere")", {"time_zone"}},
          {"apply_window { start_time { seconds: 1 } end_time { seconds: 2 } }", {}},
          {"apply_window { start_time { seconds: 1 } }", {}},
          {"apply_window { start_time { seconds: 2 } end_time { seconds: 2 } }",
           {"apply_window.end_time"}},
          {"confirm_window { start_time { seconds: 2 nanos: 1 } end_time { seconds: 2 } }",
           {"confirm_window.end_time"}},
          {"rank_window { start_time { seconds: 2 } end_time { seconds: 1 } } compute_window { "
           "start_time { seconds: 2 } end_time { seconds: 1 } } public_notice_window { start_time "
           "{ "
           "seconds: 2 } end_time { seconds: 1 } } review_window { start_time { seconds: 2 } "
           "end_time { seconds: 1 } } second_pass_window { start_time { seconds: 2 } end_time { "
           "seconds: 1 } }",
           {"rank_window.end_time", "compute_window.end_time", "public_notice_window.end_time",
            "review_window.end_time", "second_pass_window.end_time"}},
          // In their order.
          {"apply_window { start_time { seconds: 1 } end_time { seconds: 5 } } "
           "rank_window { start_time { seconds: 3 } end_time { seconds: 6 } } "
           "compute_window { start_time { seconds: 6 } end_time { seconds: 7 } } "
           "second_pass_window { start_time { seconds: 9 } }",
           {}},
          {"rank_window { start_time { seconds: 3 } } apply_window { start_time { seconds: 4 } }",
           {"rank_window.start_time"}},
          {"apply_window { end_time { seconds: 5 } } confirm_window { end_time { seconds: 4 } }",
           {"confirm_window.end_time"}},
          {"review_window { start_time { seconds: 3 } } second_pass_window { start_time { "
           "seconds: 2 nanos: 999999999 } }",
           {"second_pass_window.start_time"}},
          {"apply_window { end_time { seconds: 5 } } compute_window { start_time { seconds: 5 } }",
           {}},
          {"apply_window { end_time { seconds: 5 } } rank_window { end_time { seconds: 6 } } "
           "compute_window { start_time { seconds: 4 } }",
           {"compute_window.start_time", "compute_window.start_time"}},
      });
  auto with = [&](const std::string& corridors) {
    return Check<v1::Round>(RecordType::kRound,
                            R"(name: "rounds/a" display_name: "A" )" + corridors);
  };
  EXPECT_THAT(with("corridors { corridor_id: 'a' min_slots: 3 max_slots: 3 " + corridor +
                   "} corridors { corridor_id: 'b' min_slots: 3 " + corridor + "}"),
              IsEmpty());
  EXPECT_THAT(with("corridors { corridor_id: 'a' min_slots: 3 max_slots: 2 " + corridor + "}"),
              ElementsAre("corridors[0].max_slots"));
  EXPECT_THAT(with("corridors { corridor_id: 'a' " + corridor + "} corridors { corridor_id: 'a' " +
                   corridor + "}"),
              ElementsAre("corridors[1].corridor_id"));
}

TEST(OfferRules, Cases) {
  RunCases<v1::Offer>(RecordType::kOffer, R"(name: "offers/a" agency: "agencies/a" slots: 1)",
                      {
                          {R"(round: "rounds/r" corridor: "zj-qh")", {}},
                          {R"(corridor: "zj-qh")", {"corridor"}},
                          {R"(round: "rounds/r" corridor: "ZJ")", {"corridor"}},
                          {R"(start_date: "2024-01-02" end_date: "2024-01-01")", {"end_date"}},
                          {R"(preferences: "needs/a" preferences: "regions/63")", {}},
                          {R"(preferences: "agencies/a")", {"preferences[0]"}},
                          {R"(preferences: "needs/a" preferences: "needs/a")", {"preferences[1]"}},
                          {R"(accepted_regions: "regions/63" refused_regions: "regions/6323")", {}},
                          {R"(accepted_regions: "regions/63" refused_regions: "regions/63")",
                           {"accepted_regions[0]"}},
                      });
}

TEST(NeedRules, Cases) {
  RunCases<v1::Need>(
      RecordType::kNeed,
      R"(name: "needs/a" region: "regions/63" category: "serviceCategories/c" slots: 1)",
      {
          {R"(start_date: "2024-01-02" end_date: "2024-01-01")", {"end_date"}},
          {R"(preferences: "agencies/a" refused_agencies: "agencies/b")", {}},
          {R"(preferences: "agencies/a" refused_agencies: "agencies/a")", {"preferences[0]"}},
          {R"(preferences: "agencies/a" receiving_agency: "agencies/a")", {"preferences[0]"}},
          {R"(preferences: "agencies/a" preferences: "agencies/a")", {"preferences[1]"}},
          {R"(required_languages: "bo" required_languages: "bo")", {"required_languages[1]"}},
      });
}

TEST(PairingRules, Cases) {
  RunCases<v1::Pairing>(
      RecordType::kPairing, R"(name: "pairings/a" agency: "agencies/a" slots: 2)",
      {
          {R"(receiving_agency: "agencies/b")", {}},
          {R"(receiving_agency: "agencies/a")", {"receiving_agency"}},
          {R"(start_date: "2024-01-02" end_date: "2024-01-01")", {"end_date"}},
          {R"(match_run: "matchRuns/r-1")", {}},
          {R"(match_run: "runs/r-1")", {"match_run"}},
          {"follow_ups { day: 30 } follow_ups { day: 365 }", {}},
          {"follow_ups { day: 31 }", {"follow_ups[0].day"}},
          {"follow_ups { day: 30 } follow_ups { day: 30 }", {"follow_ups[1].day"}},
          {R"(targets { measure: "workers_sent" } actuals { measure: "workers_sent" })", {}},
          {R"(targets { measure: "a" } targets { measure: "a" })", {"targets[1].measure"}},
          {R"(actuals { measure: "a" value: 0 })", {}},
          {R"(actuals { measure: "a" value: -1 })", {"actuals[0].value"}},
          {"proposed_slots: 2", {}},
          {"proposed_slots: 1", {"slots"}},
          {R"(superseded_by: "pairings/b")", {}},
          {R"(superseded_by: "pairings/a")", {"superseded_by"}},
      });
}

TEST(MatchProfileRules, Cases) {
  RunCases<v1::MatchProfile>(
      RecordType::kMatchProfile, R"(name: "matchProfiles/a" display_name: "A")",
      {
          {R"(scorers { plugin: "plugins/a" weight: 1 } scorers { plugin: "plugins/b" weight: 2 }
              filters { plugin: "plugins/a" } solver { plugin: "plugins/c" })",
           {}},
          {R"(scorers { plugin: "plugins/a" })", {"scorers[0].weight"}},
          {R"(scorers { plugin: "plugins/a" weight: 1000001 })", {"scorers[0].weight"}},
          {R"(scorers { plugin: "a" weight: 1 } filters { plugin: "b" } solver { plugin: "c" })",
           {"filters[0].plugin", "scorers[0].plugin", "solver.plugin"}},
          {R"(scorers { plugin: "plugins/a" weight: 1 } scorers { plugin: "plugins/a" weight: 1 })",
           {"scorers[1].plugin"}},
          {R"(solver { config_json: "{\"a\": 1}" })", {}},
          {R"(solver { config_json: "[1]" })", {"solver.config_json"}},
          {R"(solver { config_json: "{" })", {"solver.config_json"}},
          {R"(solver { failure_policy: FAILURE_POLICY_FALL_BACK })", {}},
          {R"(solver { failure_policy: FAILURE_POLICY_SKIP })", {"solver.failure_policy"}},
          {R"(filters { plugin: "plugins/a" failure_policy: FAILURE_POLICY_FALL_BACK })",
           {"filters[0].failure_policy"}},
          {R"(scorers { plugin: "plugins/a" weight: 1 failure_policy: FAILURE_POLICY_FALL_BACK })",
           {"scorers[0].failure_policy"}},
          {R"(reserves { designation: "k" min_slots: 1 } reserves { designation: "k" })",
           {"reserves[1].designation"}},
          {R"(hard_rules { forbidden_pairs { agency: "agencies/a" partner: "regions/1" } })", {}},
          {R"(hard_rules { forbidden_pairs { agency: "agencies/a" partner: "needs/1" } })",
           {"hard_rules.forbidden_pairs[0].partner"}},
      });
}

}  // namespace
}  // namespace tandem::model
