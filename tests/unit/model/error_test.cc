// SPDX-License-Identifier: Apache-2.0

// What a client reads of an error: whatever the number and length of its violations, the details
// fit in the trailing metadata, and what was left out is counted.
#include "model/error.h"

#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"

namespace tandem::model {
namespace {

template <typename Detail>
std::optional<Detail> Find(const google::rpc::Status& status) {
  for (const auto& any : status.details()) {
    Detail detail;
    if (any.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

google::rpc::Status Sent(const absl::Status& status) {
  const std::string bytes = SerializedRpcStatus(status);
  EXPECT_LE(bytes.size(), 4096u);
  google::rpc::Status sent;
  EXPECT_TRUE(sent.ParseFromString(bytes));
  return sent;
}

// "and N more" as N; 0 when it says something else.
int CountLeftOut(const std::string& text) {
  int n = 0;
  if (text.size() < 10 || text.substr(0, 4) != "and " || text.substr(text.size() - 5) != " more") {
    return 0;
  }
  return absl::SimpleAtoi(text.substr(4, text.size() - 9), &n) ? n : 0;
}

TEST(Error, EveryViolationIsSentOrCounted) {
  for (const size_t length : {1, 17, 60, 199, 200, 201, 5000}) {
    for (const size_t n : {1, 2, 9, 19, 20, 21, 100, 12345}) {
      std::vector<FieldViolation> violations;
      for (size_t i = 0; i < n; ++i) {
        // Characters of three bytes: a cut falls between them or the status can't be parsed.
        std::string text;
        while (text.size() < length) text += "援";
        violations.push_back({absl::StrCat(i, ".", text), text});
      }
      const google::rpc::Status sent =
          Sent(WithRetryAfter(FieldsInvalid(violations), absl::Seconds(1)));
      ASSERT_TRUE(Find<google::rpc::ErrorInfo>(sent)) << length << " x " << n;
      EXPECT_EQ(Find<google::rpc::ErrorInfo>(sent)->reason(), "FIELD_INVALID");
      EXPECT_TRUE(Find<google::rpc::RetryInfo>(sent));
      const auto bad_request = Find<google::rpc::BadRequest>(sent);
      ASSERT_TRUE(bad_request) << length << " x " << n;
      int listed = bad_request->field_violations_size();
      ASSERT_GT(listed, 0);
      int left_out = 0;
      if (bad_request->field_violations(listed - 1).field().empty()) {
        left_out = CountLeftOut(bad_request->field_violations(--listed).description());
        EXPECT_GT(left_out, 0);
      }
      EXPECT_EQ(listed + left_out, static_cast<int>(n)) << length;
      EXPECT_GE(listed, std::min<int>(static_cast<int>(n), 6)) << length;
      for (int i = 0; i < listed; ++i) {
        EXPECT_EQ(bad_request->field_violations(i).field().rfind(absl::StrCat(i, "."), 0), 0u);
      }
    }
  }
}

TEST(Error, EverySubjectIsSentOrCounted) {
  for (const size_t n : {1, 20, 21, 500}) {
    const std::vector<std::string> subjects(n, std::string(300, 's'));
    const auto failure = Find<google::rpc::PreconditionFailure>(
        Sent(PreconditionError(Reason::kResourceInUse, std::string(9000, 'm'), "REFERRER", subjects,
                               {{"referrers", absl::StrCat(n)}})));
    ASSERT_TRUE(failure) << n;
    int listed = failure->violations_size();
    int left_out = 0;
    if (failure->violations(listed - 1).subject().empty()) {
      left_out = CountLeftOut(failure->violations(--listed).description());
    }
    EXPECT_GT(listed, 0);
    EXPECT_EQ(listed + left_out, static_cast<int>(n));
  }
}

TEST(Error, LongMessagesAreCutBetweenCharacters) {
  std::string message = "x";
  while (message.size() < 4000) message += "机";
  const google::rpc::Status sent = Sent(MakeError(Reason::kInternal, message, {{"key", message}}));
  EXPECT_LE(sent.message().size(), kMaxErrorMessageBytes);
  EXPECT_EQ(message.substr(0, sent.message().size()), sent.message());
  EXPECT_EQ((sent.message().size() - 1) % 3, 0u);
  const auto info = Find<google::rpc::ErrorInfo>(sent);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->domain(), kErrorDomain);
  EXPECT_LE(info->metadata().at("key").size(), kMaxErrorMetadataBytes);
}

TEST(Error, ReasonsSurviveTheWayThroughAStatus) {
  EXPECT_EQ(ErrorReason(MakeError(Reason::kOverloaded, "busy")), Reason::kOverloaded);
  EXPECT_EQ(MakeError(Reason::kOverloaded, "busy").code(), ReasonCode(Reason::kOverloaded));
  EXPECT_EQ(ErrorReason(absl::OkStatus()), std::nullopt);
  EXPECT_EQ(ErrorReason(absl::InternalError("made elsewhere")), std::nullopt);
  EXPECT_EQ(SerializedRpcStatus(absl::OkStatus()), "");
}

}  // namespace
}  // namespace tandem::model
