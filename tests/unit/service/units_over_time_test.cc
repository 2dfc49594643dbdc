// SPDX-License-Identifier: Apache-2.0

// Regions and categories over time, over the wire: what their days and successors are held to, what
// other records may still refer to, and what is answered as of a day.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "google/rpc/error_details.pb.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/need_service.pb.h"
#include "tandem/v1/region_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <typename Message>
Message Read(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

class UnitsOverTimeTest : public ServiceFixture {
 protected:
  UnitsOverTimeTest() {
    clock().Advance(absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone()) -
                    clock().Now());
  }

  // `fields` in text form; a display name and a code are added.
  CallResult CreateRegion(const std::string& id, const std::string& fields = "") {
    auto request = Read<v1::CreateRegionRequest>(
        StrCat("region { display_name: 'R' code: '", id, "' ", fields, "}"));
    request.set_region_id(id);
    return Call("tandem.v1.RegionService/CreateRegion", request);
  }
  CallResult UpdateRegion(const std::string& id, const std::string& fields) {
    auto request = Read<v1::UpdateRegionRequest>(StrCat("region { ", fields, "}"));
    request.mutable_region()->set_name(StrCat("regions/", id));
    return Call("tandem.v1.RegionService/UpdateRegion", request);
  }
  CallResult CreateCategory(const std::string& id, const std::string& fields = "") {
    auto request = Read<v1::CreateServiceCategoryRequest>(StrCat(
        "service_category { display_name: 'C' taxonomy: 't' code: '", id, "' ", fields, "}"));
    request.set_service_category_id(id);
    return Call("tandem.v1.ServiceCategoryService/CreateServiceCategory", request);
  }
  CallResult CreateAgency(const std::string& id, const std::string& fields) {
    auto request =
        Read<v1::CreateAgencyRequest>(StrCat("agency { display_name: 'A' ", fields, "}"));
    request.set_agency_id(id);
    return Call("tandem.v1.AgencyService/CreateAgency", request);
  }
  CallResult UpdateAgency(const std::string& id, const std::string& fields) {
    auto request = Read<v1::UpdateAgencyRequest>(StrCat("agency { ", fields, "}"));
    request.mutable_agency()->set_name(StrCat("agencies/", id));
    return Call("tandem.v1.AgencyService/UpdateAgency", request);
  }

  void Ok(const CallResult& result) { EXPECT_TRUE(result.ok()) << result.status.error_message(); }
  // Fails unless the write is refused because of the days of `unit`.
  void Conflict(const CallResult& result, const std::string& field, const std::string& unit) {
    EXPECT_EQ(result.reason(), "VALIDITY_CONFLICT") << result.status.error_message();
    EXPECT_EQ(result.status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
    EXPECT_EQ(result.Metadata("field"), field);
    EXPECT_EQ(result.Metadata("unit"), unit);
  }
  // The paths and texts of a FIELD_INVALID.
  std::vector<std::string> Violations(const CallResult& result) {
    EXPECT_EQ(result.reason(), "FIELD_INVALID") << result.status.error_message();
    std::vector<std::string> found;
    if (auto bad = result.FindDetail<google::rpc::BadRequest>()) {
      for (const auto& violation : bad->field_violations()) {
        found.push_back(StrCat(violation.field(), ": ", violation.description()));
      }
    }
    return found;
  }

  v1::ResolveRegionsResponse Resolve(const std::string& request) {
    return CallOk("tandem.v1.RegionService/ResolveRegions",
                  Read<v1::ResolveRegionsRequest>(request))
        .As<v1::ResolveRegionsResponse>();
  }
};

TEST_F(UnitsOverTimeTest, NoUnitOutlastsTheOneAbove) {
  Ok(CreateRegion("p", "valid_to_date: '2010-12-31'"));
  Ok(CreateRegion("c", "parent_region: 'regions/p' valid_to_date: '2010-12-31'"));
  Conflict(CreateRegion("late", "parent_region: 'regions/p' valid_to_date: '2011-01-01'"),
           "parent_region", "regions/p");
  Conflict(CreateRegion("endless", "parent_region: 'regions/p'"), "parent_region", "regions/p");
  // Ending a unit first needs an end, or another place, for those below it.
  Ok(CreateRegion("q"));
  Ok(CreateRegion("d", "parent_region: 'regions/q'"));
  CallResult refused = UpdateRegion("q", "valid_to_date: '2020-12-31'");
  Conflict(refused, "valid_to_date", "regions/d");
  EXPECT_THAT(refused.status.error_message(), HasSubstr("put it elsewhere first"));
  Ok(UpdateRegion("d", "valid_to_date: '2020-12-31'"));
  Ok(UpdateRegion("q", "valid_to_date: '2020-12-31'"));
  Conflict(UpdateRegion("d", "valid_to_date: '2021-01-01'"), "parent_region", "regions/q");
}

TEST_F(UnitsOverTimeTest, SuccessorsOutlastTheUnit) {
  Ok(CreateRegion("n", "valid_to_date: '2020-12-31'"));
  Conflict(CreateRegion("o", "valid_to_date: '2020-12-31' successors { region: 'regions/n' }"),
           "successors[0].region", "regions/n");
  Ok(CreateRegion("o", "valid_to_date: '2020-12-30' successors { region: 'regions/n' }"));
  // The successor can't be ended before, nor the unit prolonged after.
  Conflict(UpdateRegion("n", "valid_to_date: '2020-12-30'"), "valid_to_date", "regions/o");
  Conflict(UpdateRegion("o", "valid_to_date: '2021-01-01'"), "successors[0].region", "regions/n");
  // So there are no circles.
  Conflict(UpdateRegion("n", "successors { region: 'regions/o' }"), "successors[0].region",
           "regions/o");
}

TEST_F(UnitsOverTimeTest, ARenamedUnitStartsAfterTheOldOneEnds) {
  Ok(CreateRegion("n", "valid_from_date: '2020-01-01'"));
  const std::string to_n = " successors { region: 'regions/n' kind: SUCCESSION_KIND_RENAME }";
  Conflict(CreateRegion("o", StrCat("valid_to_date: '2020-01-01'", to_n)), "successors[0].region",
           "regions/n");
  Ok(CreateRegion("o", StrCat("valid_to_date: '2019-12-31'", to_n)));
  Conflict(UpdateRegion("n", "valid_from_date: '2019-12-31'"), "valid_to_date", "regions/o");
  // One that takes others in may be older.
  Ok(CreateRegion("m",
                  "valid_to_date: '2021-12-31' "
                  "successors { region: 'regions/n' kind: SUCCESSION_KIND_MERGE }"));
}

TEST_F(UnitsOverTimeTest, ACodeOfAListBelongsToOneUnitADay) {
  Ok(CreateRegion("x-1", "code_scheme: 'x' valid_to_date: '2019-12-31'"));
  // The code is that of the id, so give the others the first one's.
  auto with_code = [&](const std::string& id, const std::string& more) {
    auto request = Read<v1::CreateRegionRequest>(
        StrCat("region { display_name: 'R' code: 'x-1' code_scheme: 'x' ", more, "}"));
    request.set_region_id(id);
    return Call("tandem.v1.RegionService/CreateRegion", request);
  };
  EXPECT_EQ(with_code("x-1b", "valid_from_date: '2019-12-31'").reason(), "IDENTIFIER_TAKEN");
  Ok(with_code("x-1b", "valid_from_date: '2020-01-01'"));
  CallResult taken = with_code("x-1c", "");
  EXPECT_EQ(taken.reason(), "IDENTIFIER_TAKEN");
  EXPECT_EQ(taken.Metadata("scheme"), "x");
  EXPECT_EQ(UpdateRegion("x-1", "valid_to_date: '2020-01-01'").reason(), "IDENTIFIER_TAKEN");
  // Another list has the same codes, and no list claims nothing.
  Ok(CreateRegion("y-1", "code_scheme: 'y'"));
  for (const char* id : {"free-1", "free-2"}) {
    v1::CreateRegionRequest request;
    request.set_region_id(id);
    request.mutable_region()->set_display_name("R");
    request.mutable_region()->set_code("1");
    Ok(Call("tandem.v1.RegionService/CreateRegion", request));
  }
}

// What is written together is held to the rules together, in any order.
TEST_F(UnitsOverTimeTest, ABatchIsCheckedAsAWhole) {
  Ok(CreateRegion("p"));
  Ok(CreateRegion("c", "parent_region: 'regions/p'"));
  Ok(CreateRegion("n"));
  const auto ends = Read<v1::BatchUpdateRegionsRequest>(
      "requests { region { name: 'regions/p' valid_to_date: '2020-12-31' "
      "successors { region: 'regions/n' } } } "
      "requests { region { name: 'regions/c' valid_to_date: '2020-12-31' } }");
  Ok(Call("tandem.v1.RegionService/BatchUpdateRegions", ends));
  Conflict(Call("tandem.v1.RegionService/BatchUpdateRegions",
                Read<v1::BatchUpdateRegionsRequest>(
                    "requests { region { name: 'regions/p' valid_to_date: '2021-12-31' } } "
                    "requests { region { name: 'regions/n' valid_to_date: '2021-12-31' } }")),
           "successors[0].region", "regions/n");
  const std::string twice =
      "requests { region_id: 'x-1' region { display_name: 'R' code: '1' code_scheme: 'x' } } "
      "requests { region_id: 'x-2' region { display_name: 'R' code: '1' code_scheme: 'x' ";
  EXPECT_EQ(Call("tandem.v1.RegionService/BatchCreateRegions",
                 Read<v1::BatchCreateRegionsRequest>(StrCat(twice, "} }")))
                .reason(),
            "IDENTIFIER_TAKEN");
  // One after the other they may have it.
  Ok(Call("tandem.v1.RegionService/BatchCreateRegions",
          Read<v1::BatchCreateRegionsRequest>(
              StrCat("requests { region_id: 'x-3' region { display_name: 'R' code: '1' "
                     "code_scheme: 'x' valid_to_date: '2019-12-31' } } ",
                     "requests { region_id: 'x-4' region { display_name: 'R' code: '1' "
                     "code_scheme: 'x' valid_from_date: '2020-01-01' } }"))));
}

TEST_F(UnitsOverTimeTest, NewReferencesAreToUnitsThatAreValid) {
  Ok(CreateRegion("new1"));
  Ok(CreateRegion("new2"));
  Ok(CreateRegion("old",
                  "valid_to_date: '2020-12-31' "
                  "successors { region: 'regions/new1' share_permille: 600 } "
                  "successors { region: 'regions/new2' share_permille: 400 }"));
  Ok(CreateRegion("coming", "valid_from_date: '2027-01-01'"));
  Ok(CreateCategory("gone", "state: CATEGORY_STATE_SUPERSEDED"));
  EXPECT_THAT(
      Violations(CreateAgency("a",
                              "home_region: 'regions/old' "
                              "categories { category: 'serviceCategories/gone' level: 1 }")),
      ElementsAre("agency.home_region: regions/old ended on 2020-12-31; use regions/new1 (600 ‰), "
                  "regions/new2 (400 ‰)",
                  "agency.categories[0].category: serviceCategories/gone is superseded; it has no "
                  "successor"));
  EXPECT_THAT(Violations(CreateAgency("a", "home_region: 'regions/coming'")),
              ElementsAre("agency.home_region: regions/coming starts on 2027-01-01, after "
                          "2026-06-01"));
  // A registration may be at a code that has ended; a contract was where it was at its time.
  const std::string contract =
      "contracts { buyer: 'b' region: 'regions/old' start_date: '2019-01-01' } ";
  Ok(CreateAgency("a", StrCat("registration_region: 'regions/old' ", contract)));
  EXPECT_THAT(
      Violations(UpdateAgency("a", StrCat(contract,
                                          "contracts { buyer: 'b' region: 'regions/old' "
                                          "sign_date: '2021-01-01' }"))),
      ElementsAre(HasSubstr("agency.contracts[1].region: regions/old ended on 2020-12-31")));
}

TEST_F(UnitsOverTimeTest, WhatWasSaidBeforeCanStay) {
  Ok(CreateRegion("r"));
  Ok(CreateRegion("s"));
  Ok(CreateAgency("a", "home_region: 'regions/r'"));
  Ok(UpdateRegion("r", "valid_to_date: '2025-12-31' successors { region: 'regions/s' }"));
  Ok(UpdateAgency("a", "display_name: 'B'"));
  Ok(UpdateAgency("a", "home_region: 'regions/r' display_name: 'C'"));
  // Deleted and taken back.
  v1::DeleteAgencyRequest gone;
  gone.set_name("agencies/a");
  Ok(Call("tandem.v1.AgencyService/DeleteAgency", gone));
  v1::UndeleteAgencyRequest back;
  back.set_name("agencies/a");
  Ok(Call("tandem.v1.AgencyService/UndeleteAgency", back));
  Ok(UpdateAgency("a", "home_region: 'regions/s'"));
  EXPECT_THAT(Violations(UpdateAgency("a", "home_region: 'regions/r'")),
              ElementsAre(HasSubstr("use regions/s")));
}

TEST_F(UnitsOverTimeTest, ReadsAsOfADay) {
  Ok(CreateRegion("early", "valid_to_date: '2009-12-31'"));
  Ok(CreateRegion("late", "valid_from_date: '2010-01-01'"));
  Ok(CreateRegion("always"));
  v1::ListRegionsRequest list;
  auto listed = [&](const std::string& day) {
    list.set_as_of_date(day);
    std::vector<std::string> ids;
    const auto page =
        CallOk("tandem.v1.RegionService/ListRegions", list).As<v1::ListRegionsResponse>();
    for (const v1::Region& region : page.regions()) ids.push_back(region.code());
    return ids;
  };
  EXPECT_THAT(listed("2009-12-31"), ElementsAre("always", "early"));
  EXPECT_THAT(listed("2010-01-01"), ElementsAre("always", "late"));
  EXPECT_THAT(listed(""), ElementsAre("always", "early", "late"));
  v1::GetRegionRequest get;
  get.set_name("regions/early");
  get.set_as_of_date("2009-12-31");
  Ok(Call("tandem.v1.RegionService/GetRegion", get));
  get.set_as_of_date("2010-01-01");
  CallResult missing = Call("tandem.v1.RegionService/GetRegion", get);
  EXPECT_EQ(missing.reason(), "RESOURCE_NOT_FOUND");
  EXPECT_EQ(missing.Metadata("validToDate"), "2009-12-31");
  get.set_as_of_date("today");
  EXPECT_EQ(Call("tandem.v1.RegionService/GetRegion", get).reason(), "FIELD_INVALID");
  // Only units have days.
  v1::ListRegionsRequest other;
  other.set_as_of_date("2010-01-01");
  EXPECT_EQ(Call("tandem.v1.AgencyService/ListAgencies", other).reason(), "FIELD_INVALID");
}

TEST_F(UnitsOverTimeTest, CodesAreResolvedOverSeveralSteps) {
  Ok(CreateRegion("x-4", "code_scheme: 'x'"));
  Ok(CreateRegion("x-3", "code_scheme: 'x' valid_from_date: '2027-01-01'"));
  Ok(CreateRegion("x-2",
                  "code_scheme: 'x' valid_to_date: '2020-12-31' "
                  "successors { region: 'regions/x-3' share_permille: 1 } "
                  "successors { region: 'regions/x-4' share_permille: 999 }"));
  Ok(CreateRegion("x-1",
                  "code_scheme: 'x' valid_to_date: '2010-12-31' "
                  "successors { region: 'regions/x-2' share_permille: 500 } "
                  "successors { region: 'regions/x-4' share_permille: 500 }"));
  Ok(CreateRegion("x-0", "code_scheme: 'x' valid_to_date: '2010-12-31'"));
  const auto now = Resolve(
      "keys { code: 'x-1' code_scheme: 'x' } keys { region: 'regions/x-2' } "
      "keys { code: 'x-0' code_scheme: 'x' } keys { code: 'x-1' } keys { region: 'regions/x-3' }");
  ASSERT_EQ(now.results_size(), 5);
  // Half of the half is 0.5 and 499.5: the part left over goes to the first.
  EXPECT_EQ(now.results(0).ShortDebugString(),
            "unit: \"regions/x-1\" shares { unit: \"regions/x-3\" share_permille: 1 } "
            "shares { unit: \"regions/x-4\" share_permille: 999 }");
  EXPECT_EQ(now.results(1).ShortDebugString(),
            "unit: \"regions/x-2\" shares { unit: \"regions/x-3\" share_permille: 1 } "
            "shares { unit: \"regions/x-4\" share_permille: 999 }");
  EXPECT_EQ(now.results(2).ShortDebugString(), "unit: \"regions/x-0\" unresolved_permille: 1000");
  EXPECT_EQ(now.results(3).ShortDebugString(), "unresolved_permille: 1000");
  EXPECT_EQ(now.results(4).ShortDebugString(), "unit: \"regions/x-3\" unresolved_permille: 1000");
  const auto then = Resolve("keys { region: 'regions/x-1' } as_of_date: '2015-01-01'");
  EXPECT_EQ(then.results(0).ShortDebugString(),
            "unit: \"regions/x-1\" shares { unit: \"regions/x-2\" share_permille: 500 } "
            "shares { unit: \"regions/x-4\" share_permille: 500 }");

  v1::ResolveRegionsRequest wrong;
  EXPECT_EQ(Call("tandem.v1.RegionService/ResolveRegions", wrong).reason(), "FIELD_INVALID");
  for (int i = 0; i < 1000; ++i) wrong.add_keys()->set_code("1");
  Ok(Call("tandem.v1.RegionService/ResolveRegions", wrong));
  wrong.add_keys()->set_code("1");
  EXPECT_EQ(Call("tandem.v1.RegionService/ResolveRegions", wrong).reason(), "FIELD_INVALID");
  wrong = Read<v1::ResolveRegionsRequest>("keys { code: '1' region: 'regions/1' }");
  EXPECT_EQ(Call("tandem.v1.RegionService/ResolveRegions", wrong).reason(), "FIELD_INVALID");
  wrong = Read<v1::ResolveRegionsRequest>("keys { region: 'agencies/1' }");
  EXPECT_EQ(Call("tandem.v1.RegionService/ResolveRegions", wrong).reason(), "FIELD_INVALID");
}

TEST_F(UnitsOverTimeTest, CountsAndTheReportFollowTheSuccessors) {
  Ok(CreateRegion("p", "level: REGION_LEVEL_PROVINCE"));
  for (const char* id : {"c1", "c2", "old", "lost"}) {
    Ok(CreateRegion(id, "level: REGION_LEVEL_COUNTY parent_region: 'regions/p'"));
  }
  for (int i = 0; i < 5; ++i) Ok(CreateAgency(StrCat("o", i), "home_region: 'regions/old'"));
  Ok(CreateAgency("l", "home_region: 'regions/lost'"));
  Ok(CreateAgency("c", "home_region: 'regions/c1'"));
  Ok(CreateAgency("n", ""));
  Ok(UpdateRegion("lost", "valid_to_date: '2024-12-31'"));
  Ok(UpdateRegion("old",
                  "valid_to_date: '2025-12-31' "
                  "successors { region: 'regions/c1' share_permille: 500 } "
                  "successors { region: 'regions/c2' share_permille: 500 }"));
  auto count = [&](const std::string& more) {
    return CallOk("tandem.v1.RegionService/CountRegionRecords",
                  Read<v1::CountRegionRecordsRequest>(StrCat("collection: 'agencies' ", more)))
        .As<v1::CountRegionRecordsResponse>();
  };
  auto counts = count("");
  EXPECT_EQ(counts.counts_size(), 2);
  // Five halves: three to the first.
  EXPECT_EQ(counts.counts(0).ShortDebugString(),
            "unit: \"regions/c1\" record_count: 4 carried_count: 3");
  EXPECT_EQ(counts.counts(1).ShortDebugString(),
            "unit: \"regions/c2\" record_count: 2 carried_count: 2");
  EXPECT_EQ(counts.total_count(), 8);
  EXPECT_EQ(counts.unplaced_count(), 2);
  EXPECT_EQ(counts.carried_count(), 5);
  counts = count("as_of_date: '2025-12-31' level: REGION_LEVEL_PROVINCE");
  ASSERT_EQ(counts.counts_size(), 1);
  EXPECT_EQ(counts.counts(0).ShortDebugString(), "unit: \"regions/p\" record_count: 6");
  counts = count("filter: 'home_region = \"regions/old\"'");
  EXPECT_EQ(counts.total_count(), 5);
  v1::CountRegionRecordsRequest wrong;
  wrong.set_collection("rounds");
  CallResult refused = Call("tandem.v1.RegionService/CountRegionRecords", wrong);
  EXPECT_THAT(Violations(refused), ElementsAre(HasSubstr("agencies, needs, offers, pairings")));

  v1::ListStaleRegionReferencesRequest request;
  request.set_page_size(4);
  std::vector<std::string> records;
  do {
    const auto page = CallOk("tandem.v1.RegionService/ListStaleRegionReferences", request)
                          .As<v1::ListStaleRegionReferencesResponse>();
    for (const v1::StaleReference& stale : page.references()) {
      records.push_back(stale.record());
      EXPECT_EQ(stale.field_path(), "home_region");
      const bool lost = stale.unit() == "regions/lost";
      EXPECT_EQ(stale.ended_date(), lost ? "2024-12-31" : "2025-12-31");
      EXPECT_EQ(stale.successors_size(), lost ? 0 : 2);
      EXPECT_EQ(stale.unresolved_permille(), lost ? 1000 : 0);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(records, ElementsAre("agencies/l", "agencies/o0", "agencies/o1", "agencies/o2",
                                   "agencies/o3", "agencies/o4"));
  request.set_page_token("");
  request.set_as_of_date("2024-12-31");
  EXPECT_THAT(CallOk("tandem.v1.RegionService/ListStaleRegionReferences", request)
                  .As<v1::ListStaleRegionReferencesResponse>()
                  .references(),
              IsEmpty());
}

TEST_F(UnitsOverTimeTest, CategoriesFollowTheSameRules) {
  Ok(CreateCategory("b"));
  Ok(CreateCategory("c"));
  Ok(CreateCategory("a",
                    "valid_to_date: '2025-12-31' "
                    "successors { category: 'serviceCategories/b' share_permille: 700 } "
                    "successors { category: 'serviceCategories/c' share_permille: 300 }"));
  Conflict(CreateCategory("d", "parent_category: 'serviceCategories/a'"), "parent_category",
           "serviceCategories/a");
  auto resolved =
      CallOk("tandem.v1.ServiceCategoryService/ResolveServiceCategories",
             Read<v1::ResolveServiceCategoriesRequest>("keys { taxonomy: 't' code: 'a' } "
                                                       "keys { service_category: "
                                                       "'serviceCategories/b' }"))
          .As<v1::ResolveServiceCategoriesResponse>();
  EXPECT_EQ(resolved.results(0).ShortDebugString(),
            "unit: \"serviceCategories/a\" "
            "shares { unit: \"serviceCategories/b\" share_permille: 700 } "
            "shares { unit: \"serviceCategories/c\" share_permille: 300 }");
  EXPECT_EQ(resolved.results(1).shares(0).share_permille(), 1000);
  // Replaced in equal parts, from no day on.
  Ok(CreateCategory("old"));
  Ok(CreateAgency("g",
                  "categories { category: 'serviceCategories/old' level: 1 } "
                  "categories { category: 'serviceCategories/b' level: 1 }"));
  auto update = Read<v1::UpdateServiceCategoryRequest>(
      "service_category { name: 'serviceCategories/old' state: CATEGORY_STATE_SUPERSEDED "
      "replaced_by: 'serviceCategories/c' }");
  Ok(Call("tandem.v1.ServiceCategoryService/UpdateServiceCategory", update));
  auto counts = CallOk("tandem.v1.ServiceCategoryService/CountServiceCategoryRecords",
                       Read<v1::CountServiceCategoryRecordsRequest>("collection: 'agencies'"))
                    .As<v1::CountServiceCategoryRecordsResponse>();
  ASSERT_EQ(counts.counts_size(), 2);
  EXPECT_EQ(counts.counts(0).record_count(), 1);
  EXPECT_EQ(counts.counts(1).carried_count(), 1);
  EXPECT_EQ(counts.total_count(), 2);
  auto stale = CallOk("tandem.v1.ServiceCategoryService/ListStaleServiceCategoryReferences",
                      v1::ListStaleServiceCategoryReferencesRequest())
                   .As<v1::ListStaleServiceCategoryReferencesResponse>();
  ASSERT_EQ(stale.references_size(), 1);
  EXPECT_EQ(stale.references(0).field_path(), "categories.category");
  EXPECT_EQ(stale.references(0).successors(0).unit(), "serviceCategories/c");
  // Levels are the regions' alone.
  v1::CountRegionRecordsRequest with_level;
  with_level.set_collection("agencies");
  with_level.set_level(v1::REGION_LEVEL_COUNTY);
  EXPECT_EQ(
      Call("tandem.v1.ServiceCategoryService/CountServiceCategoryRecords", with_level).reason(),
      "FIELD_INVALID");
}

TEST_F(UnitsOverTimeTest, NamesAreSuggestedAndFormerOnesFound) {
  auto request = Read<v1::CreateRegionRequest>(
      "region_id: '420600' region { display_name: '襄阳市' code: '420600' former_names: '襄樊市' "
      "}");
  Ok(Call("tandem.v1.RegionService/CreateRegion", request));
  for (const char* typed : {"xiang", "襄阳", "襄樊", "xf"}) {
    v1::SuggestRegionsRequest suggest;
    suggest.set_text(typed);
    const auto answer =
        CallOk("tandem.v1.RegionService/SuggestRegions", suggest).As<v1::SuggestRegionsResponse>();
    ASSERT_EQ(answer.suggestions_size(), 1) << typed;
    EXPECT_EQ(answer.suggestions(0).text(), "襄阳市");
    EXPECT_EQ(answer.suggestions(0).region(), "regions/420600");
  }
}

}  // namespace
}  // namespace tandem::service
