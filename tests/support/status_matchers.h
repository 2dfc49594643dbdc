// SPDX-License-Identifier: Apache-2.0

// gMock matchers for absl::Status and absl::StatusOr, which the packaged Abseil lacks, and
// ASSERT_OK_AND_ASSIGN. A failed match prints the status with code and message.
//
//   EXPECT_THAT(log.Append(entry), IsOk());
//   EXPECT_THAT(Parse("x"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("line 1")));
//   EXPECT_THAT(Parse("7"), IsOkAndHolds(7));
#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"

namespace tandem::support {

// The status of a Status or StatusOr; both matchers and ASSERT_OK_AND_ASSIGN read it through this.
inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// Matches an OK Status, or a StatusOr that holds a value.
MATCHER(IsOk, negation ? "is an error" : "is OK") {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// Matches a Status or StatusOr with this code.
MATCHER_P(StatusIs, code,
          std::string(negation ? "has a code other than " : "has code ") +
              absl::StatusCodeToString(code)) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// The same, and the message matches `message` (a string or a matcher of one).
MATCHER_P2(StatusIs, code, message,
           std::string(negation ? "lacks code " : "has code ") + absl::StatusCodeToString(code) +
               " and a message that " +
               ::testing::DescribeMatcher<std::string>(message, negation)) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code &&
         ::testing::Matches(message)(std::string(StatusOf(arg).message()));
}

// Matches a StatusOr that holds a value which matches `value` (a value or a matcher of one).
MATCHER_P(IsOkAndHolds, value,
          negation ? "is an error or holds another value" : "is OK and holds the value") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(value, *arg, result_listener);
}

}  // namespace tandem::support

#define TANDEM_TEST_CONCAT_INNER(a, b) a##b
#define TANDEM_TEST_CONCAT(a, b) TANDEM_TEST_CONCAT_INNER(a, b)

// Evaluates `expr`, an absl::StatusOr, and moves its value to `lhs`; an error ends the test with
// its text.
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  TANDEM_ASSERT_OK_AND_ASSIGN_INNER(TANDEM_TEST_CONCAT(tandem_test_result_, __LINE__), lhs, expr)

#define TANDEM_ASSERT_OK_AND_ASSIGN_INNER(result, lhs, expr) \
  auto result = (expr);                                      \
  ASSERT_THAT(result, ::tandem::support::IsOk());            \
  lhs = std::move(result).value()
