// SPDX-License-Identifier: Apache-2.0

#include "cli/csv_mapping.h"

#include <array>
#include <memory>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/csv_source.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/region.pb.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kMapping[] = R"(
delimiter: ";"
fields:
  name: {column: id, prefix: "agencies/", lower: true, required: true}
  display_name: 名称
  home_region: {column: region, prefix: regions/}
  labels.source: {constant: county list}
  target_groups: {column: groups, separator: "|", prefix: "serviceCategories/"}
  status:
    column: state
    values: {在业: AGENCY_STATUS_ACTIVE, 注销: AGENCY_STATUS_ENDED}
  assessment.grade: {column: grade, prefix: ASSESSMENT_GRADE_, values: {五A: 5A}, otherwise: keep}
  assessment.awarded_date: {column: awarded, date: "%d.%m.%Y"}
  location.latitude_e7: {column: lat, scale: 10000000}
  categories[].category: {column: fields, separator: ",", prefix: serviceCategories/}
  categories[].level: {constant: 3}
  contracts[0].buyer: buyer1
  contracts[0].amount_fen: {column: yuan1, scale: 100}
  contracts[0].buyer_kind: {constant: civil_affairs}
  contracts[1].buyer: buyer2
)";
constexpr char kHeader[] =
    "id;名称;region;groups;state;grade;awarded;lat;fields;buyer1;yuan1;buyer2\n";

// Runs `rows` through the mapping; answers the messages and complaints in order.
std::vector<std::string> Import(const std::string& rows, v1::Agency* last) {
  auto mapping = CsvMapping::Parse(kMapping, "m.yaml", v1::Agency::descriptor());
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  std::istringstream in(kHeader + rows);
  auto source = CsvSource::Open(in, *mapping, v1::Agency::descriptor());
  EXPECT_TRUE(source.ok()) << source.status();
  std::vector<std::string> seen;
  v1::Agency agency;
  SourceText text;
  Refusal refusal;
  for (;;) {
    const auto step = (*source)->Next(&agency, &text, &refusal);
    if (step == RecordSource::Step::kEnd) return seen;
    if (step == RecordSource::Step::kRecord) {
      *last = agency;
      seen.push_back("ok");
    } else {
      seen.push_back(std::to_string(refusal.line) + ":" + std::to_string(refusal.column) + " " +
                     refusal.field + " " + refusal.message);
    }
  }
}

TEST(CsvMappingTest, FillsEveryKindOfField) {
  v1::Agency agency;
  const auto seen =
      Import("A-1;\"一; 站\";330100;g1| g2 |;在业;五A;01.03.2026;30.123456789;f1,f2;街道;12.345;\n",
             &agency);
  ASSERT_THAT(seen, ::testing::ElementsAre("ok"));
  v1::Agency expected;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
    name: "agencies/a-1" display_name: "一; 站" home_region: "regions/330100"
    labels { key: "source" value: "county list" }
    target_groups: "serviceCategories/g1" target_groups: "serviceCategories/g2"
    status: AGENCY_STATUS_ACTIVE
    assessment { grade: ASSESSMENT_GRADE_5A awarded_date: "2026-03-01" }
    location { latitude_e7: 301234568 }
    categories { category: "serviceCategories/f1" level: 3 }
    categories { category: "serviceCategories/f2" level: 3 }
    contracts { buyer: "街道" amount_fen: 1235 buyer_kind: "civil_affairs" })",
                                                            &expected));
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(agency, expected))
      << agency.DebugString();
}

TEST(CsvMappingTest, EmptyColumnsLeaveFieldsUnset) {
  v1::Agency agency;
  ASSERT_THAT(Import("a;x;;;;;;;;;;second\n", &agency), ::testing::ElementsAre("ok"));
  EXPECT_FALSE(agency.has_assessment());
  EXPECT_FALSE(agency.has_location());
  EXPECT_EQ(agency.categories_size(), 0) << "constants alone make no element";
  ASSERT_EQ(agency.contracts_size(), 1)
      << "elements without values are left out, later ones move up";
  EXPECT_EQ(agency.contracts(0).buyer(), "second");
  EXPECT_EQ(agency.contracts(0).buyer_kind(), "");
}

TEST(CsvMappingTest, TellsLineColumnFieldAndReason) {
  v1::Agency agency;
  const auto seen = Import(
      "a;x;;;在叶;;;;;;;\n"
      ";x;;;;;;;;;;\n"
      "a;\"two\nlines\";;;;;2026-03-01;;;;;\n"
      "a;x;;;;;;1e5;;;;\n"
      "a;x;;;;7A;;;;;;\n"
      "too;few\n"
      "a;\xff;;;;;;;;;;\n"
      "b;x;;;;;;;;;;\n",
      &agency);
  ASSERT_EQ(seen.size(), 8U);
  EXPECT_EQ(seen[0], "2:7 status \"在叶\" is not in the mapping's values");
  EXPECT_EQ(seen[1], "3:1 name must not be empty");
  EXPECT_EQ(seen[2], "5:12 assessment.awarded_date \"2026-03-01\" is no date of the form %d.%m.%Y");
  EXPECT_THAT(seen[3], HasSubstr("6:10 location.latitude_e7 \"1e5\" is no decimal number"));
  EXPECT_THAT(seen[4], HasSubstr("7:8 assessment.grade \"ASSESSMENT_GRADE_7A\" is no value"));
  EXPECT_EQ(seen[5], "8:1  2 fields, but the header names 12");
  EXPECT_EQ(seen[6], "9:3  the bytes here are no UTF-8");
  EXPECT_EQ(seen[7], "ok");
}

TEST(CsvMappingTest, LocatesTheServersComplaint) {
  auto mapping = CsvMapping::Parse(kMapping, "m.yaml", v1::Agency::descriptor());
  std::istringstream in(kHeader + std::string("a;\"two\nlines\";r;;;;;;f;;;\n"));
  auto source = CsvSource::Open(in, *mapping, v1::Agency::descriptor());
  v1::Agency agency;
  SourceText text;
  Refusal refusal;
  ASSERT_EQ((*source)->Next(&agency, &text, &refusal), RecordSource::Step::kRecord);
  for (const char* field : {"home_region", "agency.home_region", "agencies[2].home_region"}) {
    (*source)->Locate(text, field, &refusal);
    EXPECT_EQ(refusal.line, 3U) << field;
    EXPECT_EQ(refusal.column, 8U) << field;
  }
  (*source)->Locate(text, "agencies[2].categories[0].category", &refusal);
  EXPECT_EQ(refusal.column, 15U);
  (*source)->Locate(text, "nothing", &refusal);
  EXPECT_EQ(refusal.line, 2U);
  EXPECT_EQ(refusal.column, 1U);
}

std::string ParseError(const std::string& text) {
  auto mapping = CsvMapping::Parse(text, "m.yaml", v1::Agency::descriptor());
  return mapping.ok() ? "" : std::string(mapping.status().message());
}

TEST(CsvMappingTest, ExplainsAWrongMapping) {
  EXPECT_EQ(ParseError("fields:\n  displayNme: x\n"),
            "m.yaml:2:3: displayNme: Agency has no such field, did you mean displayName?");
  EXPECT_EQ(ParseError("fields:\n  name: {colum: x}\n"),
            "m.yaml:2:10: name: unknown word colum, did you mean column?");
  EXPECT_EQ(ParseError("fields:\n  name: {column: x, constant: y}\n"),
            "m.yaml:2:9: name: give a column or a constant");
  EXPECT_THAT(ParseError("fields:\n  categories.category: x\n"), HasSubstr("write categories[0]"));
  EXPECT_THAT(ParseError("fields:\n  target_groups[0]: x\n"), HasSubstr("give a separator"));
  EXPECT_THAT(ParseError("fields:\n  name[0]: x\n"), HasSubstr("name is no list"));
  EXPECT_THAT(ParseError("fields:\n  assessment: x\n"), HasSubstr("name one"));
  EXPECT_THAT(ParseError("fields:\n  name.x: x\n"), HasSubstr("name has no fields"));
  EXPECT_THAT(ParseError("fields:\n  labels: x\n"), HasSubstr("a key must follow"));
  EXPECT_THAT(ParseError("fields:\n  \"\": x\n"), HasSubstr("no such field"));
  EXPECT_THAT(ParseError("fields:\n  name: {column: x, scale: 0}\n"), HasSubstr("scale"));
  EXPECT_THAT(ParseError("fields:\n  name: {column: x, otherwise: maybe}\n"),
              HasSubstr("otherwise"));
  EXPECT_THAT(ParseError("delimiter: ab\nfields: {name: x}\n"), HasSubstr("one ASCII character"));
  EXPECT_THAT(ParseError("fields: [\n"), HasSubstr("m.yaml:"));
  EXPECT_THAT(ParseError("feilds: {}\n"), HasSubstr("did you mean fields?"));
  EXPECT_THAT(ParseError(""), HasSubstr("must be a mapping"));
}

TEST(CsvMappingTest, NamesAMissingColumnAndTheNearest) {
  auto mapping = CsvMapping::Parse("fields: {name: identifier}", "m", v1::Agency::descriptor());
  ASSERT_TRUE(mapping.ok());
  EXPECT_EQ(mapping->Bind({"identifer", "x"}).message(),
            "the file has no column \"identifier\", did you mean identifer?");
  EXPECT_EQ(mapping->Bind({"identifier", "identifier"}).message(),
            "the file has 2 columns \"identifier\"");
}

// One row through a mapping over the columns a, b and c; the agency or the complaint.
std::string FillOne(const std::string& fields, const std::vector<std::string>& row,
                    v1::Agency* agency) {
  auto mapping = CsvMapping::Parse("fields:\n" + fields, "m.yaml", v1::Agency::descriptor());
  EXPECT_TRUE(mapping.ok()) << mapping.status();
  EXPECT_TRUE(mapping->Bind({"a", "b", "c"}).ok());
  if (mapping->NeedsRegions()) {
    auto names = std::make_shared<RegionNames>();
    for (const auto& [name, title, parent] : std::vector<std::array<std::string, 3>>{
             {"regions/630000", "青海省", ""}, {"regions/632323", "泽库县", "regions/630000"}}) {
      v1::Region region;
      region.set_name(name);
      region.set_display_name(title);
      region.set_parent_region(parent);
      EXPECT_TRUE(names->Add(region));
    }
    names->Finish();
    mapping->SetRegions(std::move(names));
  }
  const auto problem = mapping->Fill(row, agency);
  return problem ? problem->field + ": " + problem->message : "";
}

TEST(CsvMappingTest, FoldsWidthsInCodesAndNumbersButNotInText) {
  v1::Agency agency;
  EXPECT_EQ(FillOne("  name: {column: a, prefix: agencies/}\n  display_name: b\n"
                    "  assessment.points: c\n",
                    {"Ａ１", "　ＡＢＣ社工　", "９００"}, &agency),
            "");
  EXPECT_EQ(agency.name(), "agencies/A1");
  EXPECT_EQ(agency.display_name(), "ＡＢＣ社工");
  EXPECT_EQ(agency.assessment().points(), 900);
}

TEST(CsvMappingTest, ReadsDaysAsSpreadsheetsWriteThem) {
  v1::Agency agency;
  const std::string fields = "  assessment.awarded_date: {column: a, date: spreadsheet}\n";
  EXPECT_EQ(FillOne(fields, {"２０２６年1月5日", "", ""}, &agency), "");
  EXPECT_EQ(agency.assessment().awarded_date(), "2026-01-05");
  EXPECT_THAT(FillOne(fields, {"26/1/5", "", ""}, &agency), HasSubstr("is no day as spreadsheets"));
}

TEST(CsvMappingTest, NamesADamagedCreditCode) {
  v1::Agency agency;
  const std::string fields =
      "  identifiers[0].scheme: {constant: uscc}\n  identifiers[0].value: a\n";
  EXPECT_EQ(FillOne(fields, {"９１350100M000100Y43", "", ""}, &agency), "");
  for (const char* code : {"5.21E+17", "521100000000123000", "'91350100M000100Y43"}) {
    EXPECT_THAT(FillOne(fields, {code, "", ""}, &agency),
                HasSubstr("value: looks damaged by a spreadsheet"))
        << code;
  }
}

TEST(CsvMappingTest, FindsRegionsByNameInOneOrSeveralColumns) {
  v1::Agency agency;
  EXPECT_EQ(
      FillOne("  home_region: {column: a, region: name}\n", {"青海省/泽库县", "", ""}, &agency),
      "");
  EXPECT_EQ(agency.home_region(), "regions/632323");
  EXPECT_EQ(FillOne("  home_region: {columns: [a, b, c], region: name}\n",
                    {"青海省", " ", "泽库县"}, &agency),
            "");
  EXPECT_EQ(agency.home_region(), "regions/632323");
  EXPECT_THAT(FillOne("  home_region: {column: a, region: name}\n", {"泽库厍", "", ""}, &agency),
              HasSubstr("home_region: no region is called"));
}

TEST(CsvMappingTest, AWholeFieldIsJson) {
  v1::Agency agency;
  const std::string fields =
      "  contracts: {column: a, json: true}\n"
      "  former_names: {column: b, json: true}\n"
      "  labels: {column: c, json: true}\n";
  EXPECT_EQ(
      FillOne(fields, {R"([{"buyer":"街道","amountFen":"5"}])", "旧名", R"({"k":"v"})"}, &agency),
      "");
  EXPECT_EQ(agency.contracts(0).amount_fen(), 5);
  EXPECT_EQ(agency.former_names(0), "旧名");
  EXPECT_EQ(agency.labels().at("k"), "v");
  EXPECT_THAT(FillOne(fields, {"[],\"name\":\"x\"", "", ""}, &agency), HasSubstr("must be JSON"));
  EXPECT_THAT(FillOne(fields, {"[{\"buyer\":1}]", "", ""}, &agency), HasSubstr("contracts"));
}

TEST(CsvMappingTest, ExplainsWrongTransforms) {
  EXPECT_THAT(ParseError("fields:\n  display_name: {column: x, region: name}\n"),
              HasSubstr("no reference to a region"));
  EXPECT_THAT(ParseError("fields:\n  home_region: {column: x, region: code}\n"),
              HasSubstr("region must be name"));
  EXPECT_THAT(ParseError("fields:\n  home_region: {columns: x, region: name}\n"),
              HasSubstr("columns must be a list"));
}

TEST(CsvMappingTest, WithoutAMappingTheHeaderNamesTheFields) {
  std::istringstream in(
      "name,displayName,altitude_m,designations[0].designation_id\nregions/1,一,3500,k\n");
  auto source = CsvSource::Open(in, std::nullopt, v1::Region::descriptor());
  ASSERT_TRUE(source.ok()) << source.status();
  v1::Region region;
  SourceText text;
  Refusal refusal;
  ASSERT_EQ((*source)->Next(&region, &text, &refusal), RecordSource::Step::kRecord);
  EXPECT_EQ(region.display_name(), "一");
  EXPECT_EQ(region.altitude_m(), 3500);
  EXPECT_EQ(region.designations(0).designation_id(), "k");
}

TEST(CsvMappingTest, BlanksAndEmptyColumnsOfSpreadsheetsAreForgiven) {
  std::istringstream in(
      " name ,　displayName　,,\nregions/1,一,,\nregions/2,二\nregions/3,三,,x\nregions/4\n");
  auto source = CsvSource::Open(in, std::nullopt, v1::Region::descriptor());
  ASSERT_TRUE(source.ok()) << source.status();
  v1::Region region;
  SourceText text;
  Refusal refusal;
  ASSERT_EQ((*source)->Next(&region, &text, &refusal), RecordSource::Step::kRecord);
  EXPECT_EQ(region.display_name(), "一");
  EXPECT_EQ(text.raw, "regions/1,一,,") << "a refused row keeps them";
  ASSERT_EQ((*source)->Next(&region, &text, &refusal), RecordSource::Step::kRecord);
  EXPECT_EQ((*source)->Next(&region, &text, &refusal), RecordSource::Step::kRefused);
  EXPECT_EQ((*source)->Next(&region, &text, &refusal), RecordSource::Step::kRefused);
}

TEST(ValueTransformTest, ScalesExactly) {
  EXPECT_EQ(ScaleDecimal("30.1234567", 10000000), 301234567);
  EXPECT_EQ(ScaleDecimal("-30.12345675", 10000000), -301234568) << "half goes away from zero";
  EXPECT_EQ(ScaleDecimal("0.1", 1000), 100);
  EXPECT_EQ(ScaleDecimal("99086.5", 1000), 99086500);
  EXPECT_EQ(ScaleDecimal("7", -2), -14);
  EXPECT_EQ(ScaleDecimal("0.000000000000000000000000001", 10), 0);
  EXPECT_EQ(ScaleDecimal("9223372036854775807", 1), std::nullopt) << "19 digits are refused";
  EXPECT_EQ(ScaleDecimal("922337203685477580", 10), 9223372036854775800);
  EXPECT_EQ(ScaleDecimal("922337203685477581", 10), std::nullopt);
  for (const char* text : {"", "-", ".", "1.2.3", "1,5", "1e5", " 1", "0x1", "–1"}) {
    EXPECT_EQ(ScaleDecimal(text, 10), std::nullopt) << text;
  }
}

TEST(ValueTransformTest, ReadsTimesInTheirZone) {
  ValueTransform transform;
  transform.time = "%Y-%m-%d %H:%M";
  transform.zone = "Asia/Shanghai";
  EXPECT_EQ(Transform("2026-03-01 08:00", transform).values[0], "2026-03-01T00:00:00Z");
  EXPECT_NE(Transform("2026-02-30 08:00", transform).problem, "");
}

}  // namespace
}  // namespace tandem::cli
