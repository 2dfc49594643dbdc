// SPDX-License-Identifier: Apache-2.0

#include "model/agency_merge.h"

#include <string>
#include <vector>

#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"

namespace tandem::model {
namespace {

v1::Agency Parse(const std::string& text) {
  v1::Agency agency;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &agency)) << text;
  return agency;
}

// Both as text, so that a failure shows what differs.
void ExpectSame(const v1::Agency& found, const std::string& expected) {
  EXPECT_EQ(found.DebugString(), Parse(expected).DebugString());
}

TEST(AgencyMerge, TheSurvivorWinsAndCollectsNamesAndNumbers) {
  v1::Agency survivor = Parse(R"(
      display_name: "甲" home_region: "regions/1" former_names: "旧甲"
      identifiers { scheme: "uscc" value: "A" verified: true }
      identifiers { scheme: "charity" value: "1" })");
  const v1::Agency first = Parse(R"(
      display_name: "乙" home_region: "regions/2" former_names: "旧甲" former_names: "旧乙"
      languages: "bo"
      identifiers { scheme: "uscc" value: "B" verified: true }
      identifiers { scheme: "charity" value: "1" verified: true }
      identifiers { scheme: "tax" value: "T" })");
  const v1::Agency second = Parse(R"(
      display_name: "甲" identifiers { scheme: "tax" value: "U" former: true })");
  TakeOver({&first, &second}, {}, /*fill_empty=*/false, &survivor);
  ExpectSame(survivor, R"(
      display_name: "甲" home_region: "regions/1"
      former_names: "旧甲" former_names: "乙" former_names: "旧乙"
      identifiers { scheme: "uscc" value: "A" verified: true }
      identifiers { scheme: "charity" value: "1" verified: true }
      identifiers { scheme: "uscc" value: "B" verified: true former: true }
      identifiers { scheme: "tax" value: "T" }
      identifiers { scheme: "tax" value: "U" former: true })");
}

TEST(AgencyMerge, ListedFieldsAreTakenWhole) {
  v1::Agency survivor = Parse(R"(
      display_name: "甲" staff { total: 5 volunteers: 2 } what_we_do: "own")");
  const v1::Agency first = Parse(R"(display_name: "乙" staff { total: 9 })");
  const v1::Agency second = Parse(R"(display_name: "丙")");
  TakeOver({&first, &second}, {{0, "staff"}, {1, "display_name"}, {1, "what_we_do"}}, false,
           &survivor);
  // Also when that clears it, and the name that gave way is kept.
  ExpectSame(survivor, R"(
      display_name: "丙" staff { total: 9 } former_names: "甲" former_names: "乙")");
}

TEST(AgencyMerge, EmptyFieldsAreFilledFromTheFirstThatHasThem) {
  v1::Agency survivor = Parse(R"(display_name: "甲" languages: "zh" retention_permille: 0)");
  const v1::Agency first = Parse(R"(
      display_name: "乙" status: AGENCY_STATUS_ENDED owner: "o" languages: "bo"
      retention_permille: 700 provenance { field_path: "*" source: "s" })");
  const v1::Agency second = Parse(R"(
      display_name: "丙" what_we_do: "work" labels { key: "a" value: "b" })");
  TakeOver({&first, &second}, {}, /*fill_empty=*/true, &survivor);
  // Zero is reported; status, owner and provenance are about another record.
  ExpectSame(survivor, R"(
      display_name: "甲" languages: "zh" retention_permille: 0 what_we_do: "work"
      labels { key: "a" value: "b" } former_names: "乙" former_names: "丙")");
}

TEST(AgencyMerge, OnlyOwnFieldsCanBeTaken) {
  for (const char* path : {"display_name", "status", "staff", "labels", "provenance", "owner"}) {
    EXPECT_TRUE(IsTakenByMerge(path)) << path;
  }
  for (const char* path : {"name", "uid", "etag", "create_time", "merged_into", "identifiers",
                           "former_names", "staff.total", "none", ""}) {
    EXPECT_FALSE(IsTakenByMerge(path)) << path;
  }
}

TEST(AgencyMerge, AMergedRecordRefersToNothingButItsSurvivor) {
  v1::Agency agency = Parse(R"(
      name: "agencies/b" uid: "u" display_name: "乙" owner: "o" labels { key: "a" value: "b" }
      home_region: "regions/1" status: AGENCY_STATUS_ACTIVE
      identifiers { scheme: "uscc" value: "B" verified: true } create_time { seconds: 7 }
      source_ids { source: "sources/s" id: "1" })");
  BecomeMerged("agencies/a", &agency);
  const std::string sign = R"(
      name: "agencies/b" uid: "u" display_name: "乙" owner: "o" labels { key: "a" value: "b" }
      status: AGENCY_STATUS_MERGED merged_into: "agencies/a" create_time { seconds: 7 }
      source_ids { source: "sources/s" id: "1" })";
  ExpectSame(agency, sign);
  BecomeMerged("agencies/a", &agency);
  ExpectSame(agency, sign);
}

}  // namespace
}  // namespace tandem::model
