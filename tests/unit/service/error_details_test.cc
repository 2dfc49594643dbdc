// SPDX-License-Identifier: Apache-2.0

// What a client reads out of an error over a real channel. That every error has an ErrorInfo with
// reason and domain and stays within 4 KiB is held by the fixture for each call of all tests here.

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::service {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kCreate[] = "tandem.v1.AgencyService/CreateAgency";

class ErrorDetailsTest : public ServiceFixture {};

TEST_F(ErrorDetailsTest, EveryWrongFieldIsNamedByItsPathInTheRequest) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->mutable_assessment()->set_points(1001);
  request.mutable_agency()->add_categories()->set_level(3);
  CallResult result = Call(kCreate, request);
  EXPECT_EQ(result.status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(result.reason(), "FIELD_INVALID");
  auto bad_request = result.FindDetail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad_request);
  std::vector<std::string> fields;
  for (const auto& violation : bad_request->field_violations()) {
    fields.push_back(violation.field());
    EXPECT_FALSE(violation.description().empty()) << violation.field();
  }
  EXPECT_THAT(fields,
              ::testing::UnorderedElementsAre("agency.display_name", "agency.assessment.points",
                                              "agency.categories[0].category"));
}

// The longest list a record may have.
constexpr int kElements = 100;

// Each fills an agency with faults, as short and as long as descriptions get.
struct Faults {
  const char* name;
  const char* list;
  int count;
  void (*add)(v1::Agency* agency);
};

constexpr Faults kShortFaults = {"Short", "agency.contracts[", kElements, [](v1::Agency* agency) {
                                   agency->set_display_name("contracts without a buyer");
                                   for (int i = 0; i < kElements; ++i) agency->add_contracts();
                                 }};
// One number again and again, repeated in every description; only the first is right.
constexpr Faults kLongFaults = {"Long", "agency.identifiers[", kElements - 1,
                                [](v1::Agency* agency) {
                                  agency->set_display_name("one number many times");
                                  for (int i = 0; i < kElements; ++i) {
                                    v1::Identifier* identifier = agency->add_identifiers();
                                    identifier->set_scheme(std::string(63, 's'));
                                    identifier->set_value(std::string(100, 'V'));
                                  }
                                }};

class ManyViolationsTest : public ErrorDetailsTest, public ::testing::WithParamInterface<Faults> {};

// The caller sees as many as fit, and how many more there are.
TEST_P(ManyViolationsTest, AsManyAsFitAndHowManyMore) {
  v1::CreateAgencyRequest request;
  GetParam().add(request.mutable_agency());
  CallResult result = Call(kCreate, request);
  EXPECT_EQ(result.reason(), "FIELD_INVALID");
  EXPECT_LE(result.status.error_details().size(), kMaxDetailBytes);
  auto bad_request = result.FindDetail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad_request) << "the violations were left out";
  const int shown = bad_request->field_violations_size() - 1;
  EXPECT_GE(shown, 10);
  for (int i = 0; i < shown; ++i) {
    EXPECT_THAT(bad_request->field_violations(i).field(), StartsWith(GetParam().list));
  }
  const auto& last = bad_request->field_violations(shown);
  EXPECT_EQ(last.field(), "");
  absl::string_view text = last.description();
  int more = 0;
  ASSERT_TRUE(absl::ConsumePrefix(&text, "and ") && absl::ConsumeSuffix(&text, " more") &&
              absl::SimpleAtoi(text, &more))
      << last.description();
  EXPECT_EQ(shown + more, GetParam().count);
}

INSTANTIATE_TEST_SUITE_P(Violations, ManyViolationsTest,
                         ::testing::Values(kShortFaults, kLongFaults),
                         [](const auto& each) { return each.param.name; });

TEST_F(ErrorDetailsTest, AMissingRecordIsNamedAsAResource) {
  v1::GetAgencyRequest request;
  request.set_name("agencies/nobody");
  CallResult result = Call("tandem.v1.AgencyService/GetAgency", request);
  EXPECT_EQ(result.status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(result.reason(), "RESOURCE_NOT_FOUND");
  auto info = result.FindDetail<google::rpc::ResourceInfo>();
  ASSERT_TRUE(info);
  EXPECT_EQ(info->resource_type(), "agencies");
  EXPECT_EQ(info->resource_name(), "agencies/nobody");
}

TEST_F(ErrorDetailsTest, ARequestThatIsTooLargeHearsTheLimit) {
  v1::GetAgencyRequest request;
  request.set_name(std::string(kMaxRequestBytes, 'x'));
  CallResult result = Call("tandem.v1.AgencyService/GetAgency", request);
  EXPECT_EQ(result.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(result.reason(), "LIMIT_EXCEEDED");
  EXPECT_EQ(result.Metadata("limit"), "request");
  EXPECT_EQ(result.Metadata("max"), StrCat(kMaxRequestBytes));
}

// Long texts are cut between characters: half a character would make the details unreadable.
TEST_F(ErrorDetailsTest, LongTextsAreCut) {
  v1::GetAgencyRequest request;
  for (int i = 0; i < 20'000; ++i) request.mutable_name()->append("结对");
  CallResult result = Call("tandem.v1.AgencyService/GetAgency", request);
  EXPECT_EQ(result.reason(), "FIELD_INVALID");
  auto bad_request = result.FindDetail<google::rpc::BadRequest>();
  ASSERT_TRUE(bad_request);
  EXPECT_EQ(bad_request->field_violations(0).field(), "name");
  EXPECT_THAT(bad_request->field_violations(0).description(), HasSubstr("agencies/{id}"));
}

// What this server does not know it must not drop silently.
TEST_F(ErrorDetailsTest, UnknownFieldsAreRefused) {
  v1::CreateAgencyRequest request;
  request.mutable_agency()->set_display_name("from the future");
  v1::Agency* agency = request.mutable_agency();
  agency->GetReflection()->MutableUnknownFields(agency)->AddVarint(9000, 1);
  CallResult result = Call(kCreate, request);
  EXPECT_EQ(result.reason(), "FIELD_INVALID");
  EXPECT_THAT(result.status.error_message(), HasSubstr("9000"));
}

}  // namespace
}  // namespace tandem::service
