// SPDX-License-Identifier: Apache-2.0

#include "model/field_mask.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "model/field_rules.h"
#include "tandem/v1/agency.pb.h"

namespace tandem::model {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Applied {
  v1::Agency record;
  std::vector<FieldViolation> violations;
};

v1::Agency Stored() {
  v1::Agency agency;
  agency.set_name("agencies/a");
  agency.set_uid("uid-1");
  agency.set_display_name("old");
  agency.set_owner("owner");
  agency.mutable_staff()->set_total(10);
  agency.mutable_staff()->set_volunteers(3);
  agency.add_former_names("x");
  agency.add_former_names("y");
  (*agency.mutable_labels())["k"] = "v";
  (*agency.mutable_labels())["en-GB"] = "1";
  return agency;
}

Applied Apply(const v1::Agency& patch, std::vector<std::string> paths, bool given = true) {
  Applied applied{Stored(), {}};
  google::protobuf::FieldMask mask;
  for (std::string& path : paths) mask.add_paths(std::move(path));
  ApplyUpdateMask(patch, given ? &mask : nullptr, "agency.", &applied.record, &applied.violations);
  return applied;
}

v1::Agency Named() {
  v1::Agency patch;
  patch.set_name("agencies/a");
  return patch;
}

TEST(UpdateMask, AbsentTakesEveryFieldThatIsSet) {
  v1::Agency patch = Named();
  patch.set_display_name("new");
  patch.mutable_staff()->set_total(12);
  Applied applied = Apply(patch, {}, /*given=*/false);
  EXPECT_THAT(applied.violations, IsEmpty());
  v1::Agency expected = Stored();
  expected.set_display_name("new");
  expected.mutable_staff()->Clear();
  expected.mutable_staff()->set_total(12);
  EXPECT_EQ(applied.record.DebugString(), expected.DebugString());
  // A mask without paths is the same.
  EXPECT_EQ(Apply(patch, {}).record.DebugString(), expected.DebugString());
}

TEST(UpdateMask, StarReplacesEverythingButTheServersFields) {
  v1::Agency patch = Named();
  patch.set_display_name("new");
  patch.set_uid("forged");
  Applied applied = Apply(patch, {"*"});
  EXPECT_THAT(applied.violations, IsEmpty());
  v1::Agency expected = Named();
  expected.set_uid("uid-1");
  expected.set_display_name("new");
  EXPECT_EQ(applied.record.DebugString(), expected.DebugString());
}

TEST(UpdateMask, NamedFieldsAreSetOrCleared) {
  v1::Agency patch = Named();
  patch.set_display_name("new");
  patch.mutable_staff()->set_volunteers(9);
  Applied applied = Apply(patch, {"display_name", "owner", "staff.volunteers", "staff.total"});
  EXPECT_THAT(applied.violations, IsEmpty());
  EXPECT_EQ(applied.record.display_name(), "new");
  EXPECT_EQ(applied.record.owner(), "");
  EXPECT_EQ(applied.record.staff().volunteers(), 9);
  EXPECT_FALSE(applied.record.staff().has_total());
  EXPECT_THAT(applied.record.former_names(), ElementsAre("x", "y"));
}

TEST(UpdateMask, APathIntoAnAbsentMessageMakesNone) {
  Applied applied = Apply(Named(), {"assessment.points", "location.latitude_e7"});
  EXPECT_THAT(applied.violations, IsEmpty());
  EXPECT_EQ(applied.record.DebugString(), Stored().DebugString());
}

TEST(UpdateMask, RepeatedFieldsAreWrittenWhole) {
  v1::Agency patch = Named();
  patch.add_former_names("z");
  EXPECT_THAT(Apply(patch, {"former_names"}).record.former_names(), ElementsAre("z"));
  EXPECT_THAT(Apply(Named(), {"former_names"}).record.former_names(), IsEmpty());
}

TEST(UpdateMask, MapEntriesHaveTheirKeys) {
  v1::Agency patch = Named();
  (*patch.mutable_labels())["k"] = "w";
  (*patch.mutable_labels())["new"] = "n";
  Applied applied = Apply(patch, {"labels.k", "labels.new", "labels.`en-GB`", "labels.none"});
  EXPECT_THAT(applied.violations, IsEmpty());
  EXPECT_THAT(applied.record.labels(), SizeIs(2));
  EXPECT_EQ(applied.record.labels().at("k"), "w");
  EXPECT_EQ(applied.record.labels().at("new"), "n");
}

TEST(UpdateMask, QuotedKeysMayHoldAnything) {
  v1::Agency patch = Named();
  (*patch.mutable_labels())["a.b`c"] = "1";
  Applied applied = Apply(patch, {"labels.`a.b``c`"});
  EXPECT_THAT(applied.violations, IsEmpty());
  EXPECT_EQ(applied.record.labels().at("a.b`c"), "1");
}

class WrongPath : public ::testing::TestWithParam<const char*> {};

TEST_P(WrongPath, IsRefused) {
  Applied applied = Apply(Named(), {GetParam()});
  ASSERT_THAT(applied.violations, SizeIs(1));
  EXPECT_EQ(applied.violations[0].field, "update_mask");
}

INSTANTIATE_TEST_SUITE_P(All, WrongPath,
                         ::testing::Values("nothing", "staff.nothing", "former_names.0",
                                           "former_names[0]", "categories.level",
                                           "categories.0.level", "display_name.x", "", ".",
                                           "staff.", ".staff", "staff..total", "labels.en-GB",
                                           "labels.`open", "labels.k.x", "assessment.nothing",
                                           "Display_Name", "staff.`total`x", "displayName"));

TEST(UpdateMask, StarStandsAlone) {
  EXPECT_THAT(Apply(Named(), {"*", "owner"}).violations, SizeIs(1));
}

TEST(UpdateMask, EveryWrongPathIsReported) {
  EXPECT_THAT(Apply(Named(), {"a", "b", "owner", "c"}).violations, SizeIs(3));
}

TEST(UpdateMask, ServerFieldsAreIgnoredSilently) {
  v1::Agency patch = Named();
  patch.set_uid("forged");
  patch.set_etag("\"x\"");
  patch.set_merged_into("agencies/b");
  patch.mutable_create_time()->set_seconds(1);
  Applied applied =
      Apply(patch, {"uid", "etag", "merged_into", "create_time", "create_time.seconds"});
  EXPECT_THAT(applied.violations, IsEmpty());
  EXPECT_EQ(applied.record.DebugString(), Stored().DebugString());
}

TEST(UpdateMask, ImmutableFieldsMayBeNamedWhenEqual) {
  EXPECT_THAT(Apply(Named(), {"name"}).violations, IsEmpty());
  v1::Agency other = Named();
  other.set_name("agencies/b");
  Applied applied = Apply(other, {"name"});
  ASSERT_THAT(applied.violations, SizeIs(1));
  EXPECT_EQ(applied.violations[0].field, "agency.name");
  EXPECT_THAT(applied.violations[0].description, HasSubstr("can't change"));
}

// Random records and masks: what was read with a mask and is written back with it changes nothing.
TEST(UpdateMask, ReadingAndWritingBackChangesNothing) {
  const std::vector<std::string> paths = {"display_name",
                                          "owner",
                                          "staff",
                                          "staff.total",
                                          "staff.volunteers",
                                          "former_names",
                                          "labels",
                                          "labels.k",
                                          "labels.`en-GB`",
                                          "assessment",
                                          "assessment.points",
                                          "languages",
                                          "location.latitude_e7",
                                          "*",
                                          "name",
                                          "uid"};
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    v1::Agency record = Stored();
    if (random() % 2 == 0) record.clear_staff();
    if (random() % 2 == 0) record.clear_labels();
    if (random() % 2 == 0)
      record.mutable_assessment()->set_points(static_cast<int>(random() % 1000));
    if (random() % 2 == 0) record.clear_owner();
    google::protobuf::FieldMask mask;
    size_t count = random() % 4;
    for (size_t i = 0; i < count; ++i) {
      const std::string& path = paths[random() % (paths.size())];
      if (path != "*" || count == 1) mask.add_paths(path);
    }
    v1::Agency written = record;
    std::vector<FieldViolation> violations;
    ApplyUpdateMask(record, &mask, "agency.", &written, &violations);
    ASSERT_THAT(violations, IsEmpty()) << mask.DebugString();
    ASSERT_TRUE(google::protobuf::util::MessageDifferencer::Equals(written, record))
        << mask.DebugString() << record.DebugString() << written.DebugString();
  }
}

}  // namespace
}  // namespace tandem::model
