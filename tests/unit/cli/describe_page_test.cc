// SPDX-License-Identifier: Apache-2.0

#include "cli/describe_page.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/field_label.h"
#include "cli/related_records.h"
#include "golden_file.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/offer.pb.h"
#include "tandem/v1/pairing.pb.h"

namespace tandem::cli {
namespace {

v1::Agency Sample() {
  v1::Agency agency;
  agency.set_name("agencies/syn-0079");
  agency.set_display_name("合成-青-0079 Example");
  agency.set_uid("0b6c3f0e-0000-4000-8000-000000000000");
  agency.mutable_create_time()->set_seconds(1767225600);
  agency.mutable_update_time()->set_seconds(1767225661);
  agency.set_etag("\"0000000000\"");
  (*agency.mutable_labels())["synthetic"] = "true";
  (*agency.mutable_labels())["批次"] = "第一批";
  agency.set_owner("platform-qh");
  agency.set_status(v1::AGENCY_STATUS_ACTIVE);
  agency.set_home_region("regions/630203");
  agency.add_dimensions(v1::DIMENSION_GOVERNANCE);
  agency.add_dimensions(v1::DIMENSION_SERVICE);
  agency.add_target_groups("serviceCategories/group-elderly");
  agency.add_target_groups("serviceCategories/group-children");
  agency.set_retention_permille(912);
  agency.set_what_we_do(
      "为困境儿童和老年人提供个案、小组和社区服务,长期驻点,与当地社工站共同工作。Case work and "
      "group work "
      "with children in need and the elderly, resident for years, together with the local "
      "stations.");
  auto* capability = agency.add_categories();
  capability->set_category("serviceCategories/children");
  capability->set_level(4);
  capability->set_years(11);
  agency.add_categories()->set_category("serviceCategories/elderly");
  agency.mutable_assessment()->set_grade(v1::ASSESSMENT_GRADE_4A);
  agency.mutable_assessment()->set_points(941);
  agency.mutable_assessment()->set_expiry_date("2028-05-31");
  agency.mutable_staff()->set_total(0);
  agency.mutable_location()->set_latitude_e7(365000000);
  agency.mutable_location()->set_longitude_e7(1021000000);
  auto* contract = agency.add_contracts();
  contract->set_buyer("某某街道办事处");
  contract->set_region("regions/630203");
  contract->set_amount_fen(123456789);
  auto* source = agency.add_provenance();
  source->set_field_path("assessment");
  source->set_source("registry:cn-mca");
  source->set_assured_by("省社会组织管理局");
  return agency;
}

std::string Page(const google::protobuf::Message& record, const std::string& word, size_t width) {
  DescribePage page;
  page.noun = NounFor(word);
  page.record = &record;
  page.titles = {{"regions/630203", "平安区"},
                 {"serviceCategories/children", "儿童社会工作"},
                 {"serviceCategories/group-elderly", "老年人"}};
  RelatedRecords offers;
  offers.noun = NounFor("offer");
  offers.flags = "--filter 'agency = \"agencies/syn-0079\"'";
  auto offer = std::make_unique<v1::Offer>();
  offer->set_name("offers/2026-1-0079");
  offer->set_round("rounds/2026-1");
  offer->set_agency("agencies/syn-0079");
  offer->set_slots(2);
  offers.shown.push_back(std::move(offer));
  offers.count = 1000;
  offers.more = true;
  page.related.push_back(std::move(offers));
  PageStyle style;
  style.width = width;
  style.zone = absl::FixedTimeZone(8 * 60 * 60);
  std::ostringstream out;
  PrintDescribePage(page, style, out);
  return out.str();
}

TEST(DescribePageTest, LooksLikeTheGoldenText) {
  ExpectGolden("describe_agency.txt", Page(Sample(), "agency", 100));
}

TEST(DescribePageTest, AnEmptyRecordIsAPageToo) {
  v1::Agency agency;
  agency.set_name("agencies/x");
  const std::string page = Page(agency, "agency", 80);
  EXPECT_EQ(page.substr(0, page.find("\n\n")), "agencies/x\nAgency 机构  agencies/x");
}

TEST(DescribePageTest, ControlCharactersOfARecordNeverReachTheScreen) {
  v1::Agency agency;
  agency.set_name("agencies/x");
  agency.set_display_name("\x1b[31mred\x07");
  agency.set_what_we_do("a\x1b[2Jb");
  agency.add_former_names("\x1b]0;title\x07");
  (*agency.mutable_labels())["k\x1b"] = "v\x1b";
  EXPECT_EQ(Page(agency, "agency", 80).find('\x1b'), std::string::npos);
}

TEST(RelatedRecordsTest, FiltersComeFromTheReferences) {
  const Noun& agency = *NounFor("agency");
  EXPECT_EQ(RelatedFilter(agency, *NounFor("offer"), "agencies/x"), "agency = \"agencies/x\"");
  EXPECT_EQ(RelatedFilter(agency, *NounFor("pairing"), "agencies/x"),
            "agency = \"agencies/x\" OR receiving_agency = \"agencies/x\"");
  EXPECT_EQ(RelatedFilter(agency, *NounFor("region"), "agencies/x"), "");
  EXPECT_EQ(RelatedFilter(*NounFor("region"), *NounFor("region"), "regions/1"),
            "parent_region = \"regions/1\"");
}

TEST(FieldLabelTest, UnitsAreLeftOut) {
  auto label = [](const char* field) {
    return FieldLabel(*v1::Agency::descriptor()->FindFieldByName(field));
  };
  EXPECT_EQ(label("retention_permille"), "Retention 留任率");
  EXPECT_EQ(label("home_region"), "Home region 所在地");
}

}  // namespace
}  // namespace tandem::cli
