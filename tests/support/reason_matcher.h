// SPDX-License-Identifier: Apache-2.0

// A gMock matcher for the reason an error of ours carries (model/error_reason.h).
//
//   EXPECT_THAT(committer.Write(request), HasReason(model::Reason::kEtagMismatch));
#pragma once

#include <string>

#include "gmock/gmock.h"
#include "model/error.h"
#include "support/status_matchers.h"

namespace tandem::support {

// Matches a Status or StatusOr whose error was made with this reason. OK never matches.
MATCHER_P(HasReason, reason,
          std::string(negation ? "has a reason other than " : "has reason ") +
              std::string(model::ReasonName(reason))) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return model::ErrorReason(StatusOf(arg)) == reason;
}

}  // namespace tandem::support
