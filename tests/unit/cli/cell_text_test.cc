// SPDX-License-Identifier: Apache-2.0

#include "cli/cell_text.h"

#include <gtest/gtest.h>

#include "cli/noun.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/region.pb.h"

namespace tandem::cli {
namespace {

TEST(CellTextTest, WritesValuesForPeople) {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.mutable_assessment()->set_grade(v1::ASSESSMENT_GRADE_5A);
  agency.mutable_create_time()->set_seconds(1772352000);
  agency.mutable_create_time()->set_nanos(5);
  agency.set_status(v1::AGENCY_STATUS_ACTIVE);
  for (const char* field : {"a", "b", "c", "d", "e", "f"}) {
    agency.add_categories()->set_category(field);
  }
  EXPECT_EQ(CellText(agency, "name"), "agencies/a");
  EXPECT_EQ(CellText(agency, "assessment.grade"), "5A");
  EXPECT_EQ(CellText(agency, "assessment.points"), "") << "not reported is not 0";
  agency.mutable_assessment()->set_points(0);
  EXPECT_EQ(CellText(agency, "assessment.points"), "0");
  EXPECT_EQ(CellText(agency, "create_time"), "2026-03-01T08:00:00Z");
  EXPECT_EQ(CellText(agency, "categories.category"), "a,b,c,d,+2");
  EXPECT_EQ(CellText(agency, "status"), "ACTIVE");
  EXPECT_EQ(CellText(agency, "legal_form"), "") << "unspecified";
  EXPECT_EQ(CellText(agency, "staff.total"), "");
}

// Whether `path` names a field, through lists and messages.
bool PathExists(const google::protobuf::Descriptor* type, const std::string& path) {
  const size_t dot = path.find('.');
  const auto* field = type->FindFieldByName(path.substr(0, dot));
  if (field == nullptr) return false;
  if (dot == std::string::npos) return true;
  return field->message_type() != nullptr &&
         PathExists(field->message_type(), path.substr(dot + 1));
}

TEST(NounTest, EveryNounHasTheStandardMethodsAndRealColumns) {
  ASSERT_EQ(AllNouns().size(), 13U);
  for (const Noun& noun : AllNouns()) {
    for (const NounColumn& column : noun.columns) {
      EXPECT_TRUE(PathExists(noun.Record(), column.path)) << noun.word << " " << column.path;
    }
    // Conflicts are written by the server alone.
    if (noun.word == "conflict") continue;
    for (const char* verb : {"Get", "List", "Create", "Update", "Delete", "Undelete", "Import"}) {
      const auto* method = noun.Method(verb);
      ASSERT_NE(method, nullptr) << noun.word << " " << verb;
      EXPECT_EQ(method->name().find(verb), 0U);
    }
    EXPECT_NE(RecordField(noun.Method("Create")->input_type(), noun.Record()), nullptr);
    EXPECT_EQ(noun.Method("Import")->input_type()->FindFieldByNumber(3)->message_type(),
              noun.Record());
    const std::string id = noun.Method("Create")->input_type()->FindFieldByNumber(2)->name();
    EXPECT_EQ(id.substr(id.size() - 3), "_id");
  }
}

TEST(NounTest, NamesGetTheirCollection) {
  for (const Noun& noun : AllNouns()) {
    if (noun.word == "category") {
      EXPECT_EQ(noun.FullName("x"), "serviceCategories/x");
      EXPECT_EQ(noun.FullName("serviceCategories/x"), "serviceCategories/x");
    }
    if (noun.word == "profile") {
      EXPECT_EQ(noun.FullName("x"), "matchProfiles/x");
    }
  }
}

}  // namespace
}  // namespace tandem::cli
