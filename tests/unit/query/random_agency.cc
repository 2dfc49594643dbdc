// SPDX-License-Identifier: Apache-2.0

#include "unit/query/random_agency.h"

#include <algorithm>

namespace tandem::query {

std::string RandomAgencies::Text() {
  return Pick({"", "a", "ab", "abc", "b", "B", "老年服务", "老年", "Zeta", "é"});
}

// A text in quotes, open at either end now and then.
std::string RandomAgencies::Pattern() {
  return "\"" + std::string(OneIn(4) ? "*" : "") + Text() + (OneIn(3) ? "*\"" : "\"");
}

std::string RandomAgencies::Day() {
  return Pick({"2024-01-01", "2024-06-30", "2025-12-31", "2026-01-01"});
}

std::shared_ptr<const v1::Agency> RandomAgencies::Agency(const std::string& id) {
  auto agency = std::make_shared<v1::Agency>();
  agency->set_name("agencies/" + id);
  if (!OneIn(8)) agency->set_display_name(Text());
  if (!OneIn(3)) agency->set_owner(Pick({"east", "west"}));
  agency->set_status(static_cast<v1::AgencyStatus>(Below(4)));
  if (!OneIn(4)) agency->set_home_region("regions/r" + std::to_string(Below(kTreeSize)));
  for (int i = Below(3); i > 0; --i) {
    auto* capability = agency->add_categories();
    capability->set_category("serviceCategories/c" + std::to_string(Below(kTreeSize)));
    capability->set_level(Below(4));
    if (OneIn(2)) capability->set_years(Below(3));
  }
  if (!OneIn(3)) {
    auto* assessment = agency->mutable_assessment();
    assessment->set_grade(static_cast<v1::AssessmentGrade>(Below(6)));
    if (!OneIn(4)) assessment->set_points(Below(5));
    if (OneIn(2)) assessment->set_expiry_date(Day());
  }
  for (int i = Below(3); i > 0; --i) {
    auto* identifier = agency->add_identifiers();
    identifier->set_scheme(Pick({"synthetic", "uscc"}));
    identifier->set_value(Text());
    identifier->set_verified(OneIn(2));
  }
  for (int i = Below(3); i > 0; --i) agency->add_dimensions(static_cast<v1::Dimension>(Below(5)));
  for (int i = Below(3); i > 0; --i) agency->add_languages(Pick({"zh", "bo", "ug"}));
  if (OneIn(2)) agency->set_retention_permille(Below(3) * 500 - 500);
  for (int i = Below(3); i > 0; --i) {
    (*agency->mutable_labels())[Pick({"k", "kk", "a.b"})] = Text();
  }
  agency->mutable_create_time()->set_seconds(1'700'000'000 + Below(5));
  agency->mutable_create_time()->set_nanos(Below(2) * 500'000'000);
  agency->mutable_update_time()->set_seconds(1'700'000'100 + Below(1000));
  if (OneIn(10)) agency->mutable_delete_time()->set_seconds(1'700'001'000);
  return agency;
}

std::vector<std::shared_ptr<const google::protobuf::Message>> RandomAgencies::Regions() {
  std::vector<std::shared_ptr<const google::protobuf::Message>> regions;
  for (int i = 0; i < kTreeSize; ++i) {
    auto region = std::make_shared<v1::Region>();
    region->set_name("regions/r" + std::to_string(i));
    region->set_code(std::to_string(i));
    region->set_level(static_cast<v1::RegionLevel>(Below(5)));
    if (i > 0 && !OneIn(4)) region->set_parent_region("regions/r" + std::to_string(Below(i)));
    regions.push_back(std::move(region));
  }
  return regions;
}

std::shared_ptr<const v1::Region> RandomAgencies::MovedRegion() {
  const int which = 1 + Below(kTreeSize - 1);
  auto region = std::make_shared<v1::Region>();
  region->set_name("regions/r" + std::to_string(which));
  region->set_code(std::to_string(which));
  region->set_parent_region("regions/r" + std::to_string(Below(which)));
  return region;
}

std::vector<std::shared_ptr<const google::protobuf::Message>> RandomAgencies::Categories() {
  std::vector<std::shared_ptr<const google::protobuf::Message>> categories;
  for (int i = 0; i < kTreeSize; ++i) {
    auto category = std::make_shared<v1::ServiceCategory>();
    category->set_name("serviceCategories/c" + std::to_string(i));
    if (i > 0) category->set_parent_category("serviceCategories/c" + std::to_string(Below(i)));
    categories.push_back(std::move(category));
  }
  return categories;
}

std::string RandomAgencies::Expression(int depth) {
  if (depth == 0 || OneIn(4)) return Condition();
  switch (Below(5)) {
    case 0:
      return "NOT (" + Expression(depth - 1) + ")";
    case 1:
      return "-(" + Expression(depth - 1) + ")";
    case 2:
      return Expression(depth - 1) + " AND " + Expression(depth - 1);
    case 3:
      return Expression(depth - 1) + " OR " + Expression(depth - 1);
    default:
      return "(" + Expression(depth - 1) + ") " + Expression(depth - 1);
  }
}

std::string RandomAgencies::Condition() {
  const std::string region = "regions/r" + std::to_string(Below(kTreeSize + 1));
  const std::string category = "serviceCategories/c" + std::to_string(Below(kTreeSize + 1));
  const std::string number = std::to_string(Below(6) - 1);
  switch (Below(22)) {
    case 0:
      return "display_name " + Operator() + " \"" + Text() + "\"";
    case 1:
      return "display_name " + Equality() + " " + Pattern();
    case 2:
      return "status " + Equality() + " " +
             v1::AgencyStatus_Name(static_cast<v1::AgencyStatus>(Below(4)));
    case 3:
      return "home_region " + Equality() + " \"" + (OneIn(5) ? "" : region) + "\"";
    case 4:
      return "within(\"" + region + "\")";
    case 5:
      return "offers(\"" + category + "\")";
    case 6:
      return "assessment.points " + Operator() + " " + number;
    case 7:
      return "assessment.grade " + Equality() + " ASSESSMENT_GRADE_" +
             std::to_string(1 + Below(5)) + "A";
    case 8:
      return "assessment.expiry_date " + Operator() + " " + Day();
    case 9:
      return "categories.category:" + category;
    case 10:
      return Pick({"categories.level:", "categories.years:"}) + number;
    case 11:
      return "identifiers.verified:" + Pick({"true", "false"});
    case 12:
      return Pick({"identifiers.value:", "languages:"}) + Pattern();
    case 13:
      return "dimensions:" + v1::Dimension_Name(static_cast<v1::Dimension>(Below(5)));
    case 14:
      return "retention_permille " + Operator() + " " + std::to_string(Below(3) * 500 - 500);
    case 15:
      return Pick({"labels.k ", "labels.kk ", "labels.\"a.b\" "}) + Equality() + " " + Pattern();
    case 16:
      return "labels:" + Pick({"k", "kk", "\"a.b\"", "none"});
    case 17:
      return "create_time " + Operator() + " 2023-11-14T22:13:2" + std::to_string(Below(5)) +
             Pick({"Z", ".5Z"});
    case 18:
      return "\"" + Text() + "x\" OR \"" + Pick({"a", "B", "老", "Z"}) + "\"";
    case 19:
      return "owner " + Operator() + " " + Pick({"east", "west", "\"\""});
    case 20:
      return "name " + Operator() + " \"agencies/" + std::to_string(Below(100)) + "\"";
    default:
      return Pick({"assessment", "assessment.points", "retention_permille", "status",
                   "display_name", "labels", "labels.k", "languages", "categories", "delete_time",
                   "home_region"}) +
             ":*";
  }
}

std::string RandomAgencies::OrderBy() {
  std::vector<std::string> fields = {"name", "display_name", "create_time", "update_time",
                                     "assessment.points"};
  std::shuffle(fields.begin(), fields.end(), random_);
  std::string order;
  for (int i = Below(4); i > 0; --i) {
    order += (order.empty() ? "" : ", ") + fields.back() + (OneIn(2) ? " desc" : "");
    fields.pop_back();
  }
  return order;
}

}  // namespace tandem::query
