// SPDX-License-Identifier: Apache-2.0

#include "cpp/client.h"

#include <set>

#include <gtest/gtest.h>
#include "re2/re2.h"

#include "cpp/call_error.h"
#include "cpp/request_id.h"
#include "tandem/v1/agency_service.pb.h"

namespace tandem::client {
namespace {

TEST(RequestIdTest, IsARandomUuid) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string id = NewRequestId();
    EXPECT_TRUE(
        RE2::FullMatch(id, "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"))
        << id;
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(RequestIdTest, FillsOnlyWhatIsEmptyAndThere) {
  v1::CreateAgencyRequest create;
  FillRequestId(&create);
  EXPECT_FALSE(create.request_id().empty());
  const std::string first = create.request_id();
  FillRequestId(&create);
  EXPECT_EQ(create.request_id(), first);
  v1::GetAgencyRequest get;
  FillRequestId(&get);
  EXPECT_EQ(get.ByteSizeLong(), 0U);
}

TEST(RetryTest, OnlyUnavailableIsTriedAgain) {
  for (int code = 0; code <= 16; ++code) {
    EXPECT_EQ(IsRetryable(static_cast<absl::StatusCode>(code)),
              static_cast<absl::StatusCode>(code) == absl::StatusCode::kUnavailable)
        << code;
  }
}

TEST(RetryTest, PausesGrowToALimitAndSpread) {
  EXPECT_EQ(RetryPause(2, 0.5), absl::Milliseconds(100));
  EXPECT_EQ(RetryPause(3, 0.5), absl::Milliseconds(200));
  EXPECT_EQ(RetryPause(2, 0.0), absl::Milliseconds(80));
  EXPECT_LT(RetryPause(50, 0.999), absl::Milliseconds(2400));
  EXPECT_EQ(RetryPause(50, 0.5), absl::Seconds(2));
}

TEST(ClientTest, RefusesWrongMessagesBeforeSending) {
  Client client({"unix:/nonexistent/socket", absl::Milliseconds(100), 1});
  v1::GetAgencyRequest request;
  v1::ListAgenciesResponse wrong;
  EXPECT_EQ(client.Call("tandem.v1.AgencyService.GetAgency", request, &wrong).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(client.Call("tandem.v1.AgencyService.NoSuch", request, &wrong).code(),
            absl::StatusCode::kInvalidArgument);
  v1::Agency agency;
  EXPECT_EQ(client.Call("tandem.v1.AgencyService.GetAgency", request, &agency).code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace tandem::client
