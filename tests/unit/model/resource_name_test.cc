// SPDX-License-Identifier: Apache-2.0

#include "model/resource_name.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "model/error.h"
#include "support/reason_matcher.h"
#include "support/status_matchers.h"

namespace tandem::model {
namespace {

using support::HasReason;
using support::IsOkAndHolds;

TEST(ResourceId, TakesOneTo63Characters) {
  EXPECT_FALSE(IsResourceId(""));
  EXPECT_TRUE(IsResourceId("a"));
  EXPECT_TRUE(IsResourceId("632323"));
  EXPECT_TRUE(IsResourceId(std::string(63, 'a')));
  EXPECT_FALSE(IsResourceId(std::string(64, 'a')));
}

TEST(ResourceId, DashesStandInside) {
  EXPECT_TRUE(IsResourceId("a-b"));
  EXPECT_TRUE(IsResourceId("a--b"));
  EXPECT_FALSE(IsResourceId("-a"));
  EXPECT_FALSE(IsResourceId("a-"));
  EXPECT_FALSE(IsResourceId("-"));
}

TEST(ResourceId, EveryOtherByteIsRefused) {
  for (int byte = 0; byte < 256; ++byte) {
    char c = static_cast<char>(byte);
    bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    EXPECT_EQ(IsResourceId(std::string(1, c)), allowed) << byte;
    EXPECT_EQ(IsResourceId(std::string("a") + c + "a"), allowed || c == '-') << byte;
  }
}

TEST(ResourceName, RoundTripsForEveryType) {
  for (RecordType type : kAllRecordTypes) {
    if (type == RecordType::kMatchChunk) continue;
    std::string id = ParentTypeOf(type) ? ChildRecordId(type, "a-1", "c-2") : "x-1";
    std::string name = FormatName(type, id);
    EXPECT_THAT(ParseNameOf(type, name), IsOkAndHolds(id)) << name;
    ASSERT_OK_AND_ASSIGN(ResourceName parsed, ParseResourceName(name));
    EXPECT_EQ(parsed, (ResourceName{type, id})) << name;
  }
}

TEST(ResourceName, RefusesOtherShapes) {
  for (const char* name : {"", "agencies", "agencies/", "agencies/A", "regions/x", "agencies/x/",
                           "agencies/x/y", "/agencies/x", "agencies//x", " agencies/x"}) {
    EXPECT_THAT(ParseNameOf(RecordType::kAgency, name), HasReason(Reason::kFieldInvalid)) << name;
  }
  EXPECT_THAT(ParseResourceName("matchChunks/x"), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(ParseResourceName("plugins/x"), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(ParseResourceName("agencies/x/contacts/"), HasReason(Reason::kFieldInvalid));
}

TEST(ResourceName, AChildsNameBeginsWithItsParents) {
  EXPECT_EQ(FormatName(RecordType::kContact, "a/contacts/c"), "agencies/a/contacts/c");
  EXPECT_EQ(ParentNameOf("agencies/a/contacts/c"), "agencies/a");
  EXPECT_EQ(ParentIdOf("a/contacts/c"), "a");
  for (const char* top : {"agencies/a", "agencies", "", "/", "//"}) {
    EXPECT_EQ(ParentNameOf(top), "") << top;
  }
  for (const char* name :
       {"", "contacts/c", "agencies/a", "agencies/a/contacts", "agencies/a/contacts/",
        "agencies/a/contacts/C", "agencies/A/contacts/c", "agencies//contacts/c",
        "regions/a/contacts/c", "agencies/a/regions/c", "agencies/a/contacts/c/contacts/d"}) {
    EXPECT_THAT(ParseNameOf(RecordType::kContact, name), HasReason(Reason::kFieldInvalid)) << name;
    EXPECT_FALSE(IsNameIn("contacts", name) && TypeOfCollection("contacts")) << name;
  }
}

TEST(ResourceName, TheParentOfACreateIsOneRecord) {
  EXPECT_THAT(ParseCreateParent(RecordType::kAgency, ""), IsOkAndHolds(""));
  EXPECT_THAT(ParseCreateParent(RecordType::kAgency, "agencies/a"),
              HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(ParseCreateParent(RecordType::kContact, "agencies/a"), IsOkAndHolds("a"));
  for (const char* parent :
       {"", "agencies", "agencies/", "agencies/-", "regions/a", "agencies/a/contacts/c"}) {
    EXPECT_THAT(ParseCreateParent(RecordType::kContact, parent), HasReason(Reason::kFieldInvalid))
        << parent;
  }
}

TEST(ResourceName, TheParentOfAListMayBeAll) {
  EXPECT_THAT(ParseListParent(RecordType::kAgency, ""), IsOkAndHolds(""));
  EXPECT_THAT(ParseListParent(RecordType::kAgency, "agencies/-"), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(ParseListParent(RecordType::kContact, "agencies/a"), IsOkAndHolds("a"));
  EXPECT_THAT(ParseListParent(RecordType::kContact, "agencies/-"), IsOkAndHolds(""));
  for (const char* parent : {"", "agencies", "agencies/", "agencies/--", "regions/-"}) {
    EXPECT_THAT(ParseListParent(RecordType::kContact, parent), HasReason(Reason::kFieldInvalid))
        << parent;
  }
}

TEST(ResourceName, TheErrorNamesTheField) {
  absl::Status status = ParseNameOf(RecordType::kAgency, "x", "agency.name").status();
  ASSERT_EQ(FieldViolations(status).size(), 1U);
  EXPECT_EQ(FieldViolations(status)[0].field, "agency.name");
}

TEST(RandomId, IsAnIdAndNeverTheSame) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    std::string id = MakeRandomId();
    EXPECT_TRUE(IsResourceId(id)) << id;
    EXPECT_TRUE(seen.insert(id).second);
  }
}

TEST(Uuid, IsVersionFour) {
  for (int i = 0; i < 100; ++i) {
    std::string uuid = MakeUuid();
    EXPECT_TRUE(IsUuid(uuid)) << uuid;
    EXPECT_EQ(uuid[14], '4');
    EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
  }
  EXPECT_TRUE(IsUuid("00000000-0000-0000-0000-00000000ABCD"));
  EXPECT_FALSE(IsUuid("00000000-0000-0000-0000-00000000000"));
  EXPECT_FALSE(IsUuid("000000000000-0000-0000-0000-00000000"));
  EXPECT_FALSE(IsUuid("g0000000-0000-0000-0000-000000000000"));
}

}  // namespace
}  // namespace tandem::model
