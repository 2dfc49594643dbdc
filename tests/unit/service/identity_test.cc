// SPDX-License-Identifier: Apache-2.0

// Registration numbers: one form, one verified holder, found by a look-up, and what a registry's
// import may keep.

#include <memory>
#include <string>
#include <vector>

#include "agency_calls.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "tandem/v1/agency_service.grpc.pb.h"

namespace tandem::service {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> NamesOf(const google::protobuf::RepeatedPtrField<v1::Agency>& agencies) {
  std::vector<std::string> names;
  for (const v1::Agency& agency : agencies) names.push_back(agency.name());
  return names;
}

class IdentityTest : public AgencyTest {};

TEST_F(IdentityTest, TheVerifiedHolderComesFirstThenThoseThatStateTheNumber) {
  Create("b", R"(identifiers { scheme: "tax" value: "12" })");
  Create("a", R"(identifiers { scheme: "tax" value: "12" })");
  Create("other", R"(identifiers { scheme: "school" value: "12" verified: true })");
  v1::LookupAgencyResponse answer = Lookup("tax", "12");
  EXPECT_FALSE(answer.has_agency());
  EXPECT_THAT(NamesOf(answer.candidates()), ElementsAre("agencies/a", "agencies/b"));
  EXPECT_EQ(answer.revision(), revision());

  const v1::Agency holder =
      Create("c", R"(identifiers { scheme: "tax" value: " 1２ " verified: true })");
  EXPECT_EQ(holder.identifiers(0).value(), "12");
  answer = Lookup("tax", "１ 2");
  EXPECT_EQ(answer.agency().DebugString(), holder.DebugString());
  EXPECT_THAT(NamesOf(answer.candidates()), ElementsAre("agencies/a", "agencies/b"));
  answer = Lookup("tax", "13");
  EXPECT_FALSE(answer.has_agency());
  EXPECT_THAT(answer.candidates(), IsEmpty());
}

TEST_F(IdentityTest, AVerifiedNumberHasOneHolderInWhateverFormItIsWritten) {
  Create("a", R"(identifiers { scheme: "uscc" value: "91350100M000100Y43" verified: true })");
  const CallResult taken = CreateCall(
      "b", R"(identifiers { scheme: "uscc" value: "91350100 m000100y43" verified: true })");
  EXPECT_EQ(taken.reason(), "IDENTIFIER_TAKEN");
  EXPECT_EQ(taken.Metadata("holder"), "agencies/a");
  // To state it is free.
  EXPECT_TRUE(
      CreateCall("b", R"(identifiers { scheme: "uscc" value: "91350100m000100y43" })").ok());
}

TEST_F(IdentityTest, ADeletedRecordKeepsItsNumberUntilItIsPurged) {
  const std::string number = R"(identifiers { scheme: "tax" value: "7" verified: true })";
  Create("a", number);
  Create("stated", R"(identifiers { scheme: "tax" value: "7" })");
  ASSERT_TRUE(Delete("a").ok());
  ASSERT_TRUE(Delete("stated").ok());
  EXPECT_EQ(CreateCall("b", number).reason(), "IDENTIFIER_TAKEN");
  const v1::LookupAgencyResponse answer = Lookup("tax", "7");
  EXPECT_EQ(answer.agency().name(), "agencies/a");
  EXPECT_TRUE(answer.agency().has_delete_time());
  EXPECT_THAT(answer.candidates(), IsEmpty()) << "a deleted one claims nothing unverified";
  clock().Advance(absl::Hours(24 * 31));
  ASSERT_TRUE(other_committer().PurgeExpired().ok());
  EXPECT_EQ(CreateCall("b", number).reason(), "OK");
  EXPECT_EQ(Lookup("tax", "7").agency().name(), "agencies/b");
}

TEST_F(IdentityTest, ALookupMustNameANumber) {
  v1::LookupAgencyRequest request;
  request.set_scheme("No Scheme");
  request.set_value("  ");
  const CallResult refused = Call(AgencyMethod("LookupAgency"), request);
  EXPECT_EQ(refused.reason(), "FIELD_INVALID");
  const auto bad = refused.FindDetail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->field_violations_size(), 2);
}

TEST_F(IdentityTest, NobodyEntersAWrongCodeButARegistryImportKeepsItUnverified) {
  const std::string wrong =
      R"(identifiers { scheme: "uscc" value: "91350100M000100Y44" verified: true })";
  EXPECT_EQ(CreateCall("self", wrong).reason(), "FIELD_INVALID");

  for (const bool keep : {false, true}) {
    grpc::ClientContext context;
    const auto stub = v1::AgencyService::NewStub(channel());
    const auto stream = stub->ImportAgencies(&context);
    v1::ImportAgenciesRequest request;
    request.mutable_options()->set_keep_unverified_identifiers(keep);
    ASSERT_TRUE(stream->Write(request));
    request.Clear();
    request.set_first_number(1);
    for (const char* id : {"sound", "kept"}) {
      v1::Agency* agency = request.add_agencies();
      agency->set_name(AgencyName(StrCat(id, keep ? "" : "-not")));
      agency->set_display_name(id);
      if (id == std::string("kept")) {
        ASSERT_TRUE(google::protobuf::TextFormat::MergeFromString(wrong, agency));
      }
    }
    ASSERT_TRUE(stream->Write(request));
    stream->WritesDone();
    v1::ImportResponse answer, last;
    while (stream->Read(&answer)) last = answer;
    ASSERT_TRUE(stream->Finish().ok());
    if (!keep) {
      EXPECT_EQ(last.counts().failed(), 1);
      EXPECT_EQ(last.warnings_size(), 0);
      continue;
    }
    EXPECT_EQ(last.counts().created(), 2);
    ASSERT_EQ(last.warnings_size(), 1);
    EXPECT_EQ(last.warnings(0).number(), 2);
    EXPECT_EQ(last.warnings(0).violations(0).field(), "identifiers[0].value");
  }
  const auto kept = Get("kept").As<v1::Agency>();
  EXPECT_FALSE(kept.identifiers(0).verified());
  // A later change of something else passes.
  EXPECT_EQ(Rename("kept", "renamed").reason(), "OK");
  EXPECT_EQ(Lookup("uscc", "91350100M000100Y44").candidates_size(), 1);
}

}  // namespace
}  // namespace tandem::service
