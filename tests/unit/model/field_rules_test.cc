// SPDX-License-Identifier: Apache-2.0

#include "model/field_rules.h"

#include <functional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/unknown_field_set.h"
#include "gtest/gtest.h"
#include "model/canonical.h"
#include "model/record_rules.h"
#include "model/resource_traits.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

std::vector<FieldViolation> Check(google::protobuf::Message* message) {
  std::vector<FieldViolation> violations;
  CheckFields(message, "", &violations);
  return violations;
}

std::vector<std::string> Fields(const std::vector<FieldViolation>& violations) {
  std::vector<std::string> fields;
  for (const FieldViolation& violation : violations) fields.push_back(violation.field);
  return fields;
}

// The smallest agency without a fault.
v1::Agency SmallAgency() {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_display_name("A");
  return agency;
}

// Whether `agency` passes with `set` at the limit and fails at `field` with it one above.
void ExpectLimit(const std::function<void(v1::Agency*, bool above)>& set,
                 const std::string& field) {
  v1::Agency at = SmallAgency();
  set(&at, false);
  EXPECT_THAT(Fields(Check(&at)), IsEmpty()) << field;
  v1::Agency above = SmallAgency();
  set(&above, true);
  EXPECT_THAT(Fields(Check(&above)), ElementsAre(field));
}

std::string Repeat(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(FieldRules, EveryServedMessageCanBeRead) {
  for (const ResourceTraits& resource : AllResources()) {
    EXPECT_EQ(MessageRules::Of(resource.prototype->GetDescriptor()).fields().size(),
              static_cast<size_t>(resource.prototype->GetDescriptor()->field_count()));
  }
}

TEST(FieldRules, NamesAreCountedInCodePoints) {
  ExpectLimit(
      [](v1::Agency* a, bool above) { a->set_display_name(Repeat("县", above ? 201 : 200)); },
      "display_name");
  ExpectLimit(
      [](v1::Agency* a, bool above) { a->set_what_we_do(Repeat("县", above ? 2001 : 2000)); },
      "what_we_do");
  ExpectLimit(
      [](v1::Agency* a, bool above) { a->add_former_names(std::string(above ? 201 : 200, 'x')); },
      "former_names[0]");
}

TEST(FieldRules, TextWithoutARuleHasBytes) {
  ExpectLimit(
      [](v1::Agency* a, bool above) {
        a->mutable_names()->Add()->set_language("en");
        a->mutable_names(0)->set_text(std::string(above ? 1001 : 1000, 'x'));
      },
      "names[0].text");
  // uid has no rule of length: 4 KiB hold.
  ExpectLimit([](v1::Agency* a, bool above) { a->set_uid(std::string(above ? 4097 : 4096, 'x')); },
              "uid");
}

TEST(FieldRules, ListsHaveAHundredElementsUnlessTheySayMore) {
  ExpectLimit(
      [](v1::Agency* a, bool above) {
        for (int i = 0; i < (above ? 101 : 100); ++i) a->add_former_names("x");
      },
      "former_names");
  ExpectLimit(
      [](v1::Agency* a, bool above) {
        for (int i = 0; i < (above ? 65 : 64); ++i) (*a->mutable_labels())["k" + std::to_string(i)];
      },
      "labels");
}

TEST(FieldRules, LabelsHaveBytes) {
  ExpectLimit([](v1::Agency* a,
                 bool above) { (*a->mutable_labels())[std::string(above ? 64 : 63, 'k')] = "v"; },
              "labels");
  ExpectLimit([](v1::Agency* a,
                 bool above) { (*a->mutable_labels())["k"] = std::string(above ? 257 : 256, 'v'); },
              "labels");
  ExpectLimit([](v1::Agency* a, bool above) { (*a->mutable_labels())[above ? "" : "k"] = "v"; },
              "labels");
}

TEST(FieldRules, IntegersHaveRanges) {
  ExpectLimit([](v1::Agency* a, bool above) { a->set_retention_permille(above ? 1001 : 1000); },
              "retention_permille");
  ExpectLimit([](v1::Agency* a, bool above) { a->set_retention_permille(above ? -1 : 0); },
              "retention_permille");
  ExpectLimit(
      [](v1::Agency* a, bool above) {
        a->mutable_location()->set_latitude_e7(above ? 900'000'001 : 900'000'000);
      },
      "location.latitude_e7");
  ExpectLimit(
      [](v1::Agency* a, bool above) { a->mutable_staff()->set_total(above ? -1 : 2147483647); },
      "staff.total");
}

TEST(FieldRules, ReferencesDatesAndPatternsHaveShapes) {
  ExpectLimit(
      [](v1::Agency* a, bool above) { a->set_home_region(above ? "agencies/33" : "regions/33"); },
      "home_region");
  ExpectLimit(
      [](v1::Agency* a, bool above) {
        a->mutable_assessment()->set_awarded_date(above ? "2023-02-29" : "2024-02-29");
      },
      "assessment.awarded_date");
  ExpectLimit([](v1::Agency* a, bool above) { a->add_languages(above ? "z" : "zh-Hans"); },
              "languages[0]");
  ExpectLimit(
      [](v1::Agency* a, bool above) { a->add_target_groups(above ? "" : "serviceCategories/x"); },
      "target_groups[0]");
}

TEST(FieldRules, RequiredMeansSet) {
  v1::Agency agency = SmallAgency();
  agency.clear_display_name();
  agency.add_categories();
  agency.add_identifiers();
  EXPECT_THAT(Fields(Check(&agency)),
              UnorderedElementsAre("display_name", "categories[0].category",
                                   "identifiers[0].scheme", "identifiers[0].value"));
}

TEST(FieldRules, UnknownEnumValuesAreRefused) {
  ExpectLimit([](v1::Agency* a,
                 bool above) { a->set_status(static_cast<v1::AgencyStatus>(above ? 5 : 4)); },
              "status");
  ExpectLimit([](v1::Agency* a,
                 bool above) { a->add_dimensions(static_cast<v1::Dimension>(above ? 5 : 4)); },
              "dimensions[0]");
}

TEST(FieldRules, TimesLieBetweenTheYears1And9999) {
  v1::Agency agency = SmallAgency();
  agency.mutable_create_time()->set_seconds(253'402'300'799);
  agency.mutable_create_time()->set_nanos(999'999'999);
  EXPECT_THAT(Check(&agency), IsEmpty());
  agency.mutable_create_time()->set_seconds(253'402'300'800);
  EXPECT_THAT(Fields(Check(&agency)), ElementsAre("create_time"));
  agency.mutable_create_time()->set_seconds(0);
  agency.mutable_create_time()->set_nanos(1'000'000'000);
  EXPECT_THAT(Fields(Check(&agency)), ElementsAre("create_time"));
}

TEST(FieldRules, UnknownFieldsAreNamedByNumber) {
  v1::Agency agency = SmallAgency();
  agency.GetReflection()->MutableUnknownFields(&agency)->AddVarint(999, 1);
  v1::Staff* staff = agency.mutable_staff();
  staff->GetReflection()->MutableUnknownFields(staff)->AddLengthDelimited(77, "x");
  EXPECT_THAT(Fields(Check(&agency)), UnorderedElementsAre("999", "staff.77"));
  EXPECT_THAT(Check(&agency)[0].description, HasSubstr("field number 999 of Agency"));
}

TEST(FieldRules, TextBecomesNormalFormC) {
  v1::Agency agency = SmallAgency();
  agency.set_display_name("e\xCC\x81");
  agency.add_former_names("e\xCC\x81");
  (*agency.mutable_labels())["e\xCC\x81"] = "e\xCC\x81";
  EXPECT_THAT(Check(&agency), IsEmpty());
  EXPECT_EQ(agency.display_name(), "\xC3\xA9");
  EXPECT_EQ(agency.former_names(0), "\xC3\xA9");
  EXPECT_EQ(agency.labels().at("\xC3\xA9"), "\xC3\xA9");
}

TEST(FieldRules, HostileTextIsRefusedWhereverItStands) {
  v1::Agency agency = SmallAgency();
  agency.set_owner("a\xE2\x80\xAE");
  agency.add_former_names("a\x01");
  agency.set_what_we_do("lines\nare fine\there");
  (*agency.mutable_labels())["k"] = "\xE2\x80\x8B";
  EXPECT_THAT(Fields(Check(&agency)), UnorderedElementsAre("labels", "owner", "former_names[0]"));
}

TEST(FieldRules, PathsStartWithThePrefix) {
  v1::Agency agency = SmallAgency();
  agency.clear_display_name();
  std::vector<FieldViolation> violations;
  CheckFields(&agency, "agency.", &violations);
  EXPECT_THAT(Fields(violations), ElementsAre("agency.display_name"));
}

TEST(FieldRules, AllViolationsAreReported) {
  v1::Agency agency;
  for (int i = 0; i < 50; ++i) agency.add_target_groups("wrong");
  EXPECT_EQ(Check(&agency).size(), 51U);
}

TEST(Record, HasAtMost64KiB) {
  auto check = [](int evidence, int tail) {
    v1::Agency agency = SmallAgency();
    // 2,000 code points of three bytes in each of two fields, then pieces of evidence.
    for (int i = 0; i < evidence; ++i) {
      agency.add_evidence()->set_title("t");
      agency.mutable_evidence(i)->set_uri(std::string(900, 'u'));
    }
    agency.set_what_we_do(std::string(static_cast<size_t>(tail), 'x'));
    std::vector<FieldViolation> violations;
    CheckRecord(RecordType::kAgency, &agency, "agency.", &violations);
    return std::make_pair(agency.ByteSizeLong(), violations);
  };
  // Fills up to the limit exactly, then one byte more.
  auto [size, none] = check(70, 100);
  ASSERT_THAT(none, IsEmpty());
  int room = static_cast<int>(kMaxRecordBytes - size);
  ASSERT_GT(room, 100);
  ASSERT_LT(room + 101, 2000);
  // A text of 128 bytes or more has a length of two bytes instead of one.
  auto [at_size, at] = check(70, 100 + room - 1);
  EXPECT_EQ(at_size, kMaxRecordBytes);
  EXPECT_THAT(at, IsEmpty());
  auto [above_size, above] = check(70, 100 + room);
  EXPECT_EQ(above_size, kMaxRecordBytes + 1);
  EXPECT_THAT(Fields(above), ElementsAre("agency"));
}

TEST(Canonical, ServerFieldsGoAndComeBack) {
  v1::Agency agency = SmallAgency();
  agency.set_uid("u");
  agency.set_etag("e");
  agency.set_merged_into("agencies/b");
  agency.mutable_create_time()->set_seconds(1);
  agency.mutable_purge_time()->set_seconds(1);
  v1::Agency cleared = agency;
  ClearServerFields(&cleared);
  EXPECT_EQ(cleared.DebugString(), SmallAgency().DebugString());
  KeepServerFields(agency, &cleared);
  EXPECT_EQ(cleared.uid(), "u");
  EXPECT_EQ(cleared.merged_into(), "agencies/b");
  EXPECT_FALSE(cleared.has_create_time());
  EXPECT_EQ(agency.uid(), "u");
}

// An import may write where a pairing stands, but never uid or times.
TEST(Canonical, ImportsKeepImportableFields) {
  v1::Pairing pairing;
  pairing.set_uid("u");
  pairing.set_state(v1::PAIRING_STATE_ACTIVE);
  pairing.set_proposed_slots(2);
  pairing.mutable_update_time()->set_seconds(1);
  v1::Pairing client = pairing;
  ClearServerFields(&client);
  EXPECT_EQ(client.DebugString(), "");
  v1::Pairing imported = pairing;
  ClearServerFields(&imported, RecordOrigin::kImport);
  EXPECT_EQ(imported.state(), v1::PAIRING_STATE_ACTIVE);
  EXPECT_EQ(imported.proposed_slots(), 2);
  EXPECT_EQ(imported.uid(), "");
  EXPECT_FALSE(imported.has_update_time());
  client.mutable_agreement()->set_reference("gone");
  client.set_uid("kept");
  TakeImportableFields(pairing, &client);
  EXPECT_EQ(client.state(), v1::PAIRING_STATE_ACTIVE);
  EXPECT_FALSE(client.has_agreement());
  EXPECT_EQ(client.uid(), "kept");
}

TEST(Canonical, TheSameRecordGivesTheSameBytes) {
  v1::Agency forward = SmallAgency();
  v1::Agency backward = SmallAgency();
  for (int i = 0; i < 64; ++i) (*forward.mutable_labels())["k" + std::to_string(i)] = "v";
  for (int i = 63; i >= 0; --i) (*backward.mutable_labels())["k" + std::to_string(i)] = "v";
  EXPECT_EQ(SerializeCanonical(forward), SerializeCanonical(backward));
}

TEST(FieldRules, RequestsAreCheckedLikeRecords) {
  v1::IndexRegionsRequest request;
  request.mutable_rule()->set_rule_id("-x");
  EXPECT_THAT(
      Fields(Check(&request)),
      UnorderedElementsAre("rule.rule_id", "rule.kind", "rule.level", "rule.terms", "rule.year"));
}

}  // namespace
}  // namespace tandem::model
