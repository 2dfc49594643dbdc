// SPDX-License-Identifier: Apache-2.0

// Tests of what other tests lean on: a matcher that can't fail would make every user of it
// worthless.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace tandem::support {
namespace {

using ::testing::Gt;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pointee;

TEST(StatusMatchers, IsOkTellsOkFromErrors) {
  EXPECT_THAT(absl::OkStatus(), IsOk());
  EXPECT_THAT(absl::StatusOr<int>(3), IsOk());
  EXPECT_THAT(absl::NotFoundError("gone"), Not(IsOk()));
  EXPECT_THAT(absl::StatusOr<int>(absl::NotFoundError("gone")), Not(IsOk()));
}

TEST(StatusMatchers, StatusIsComparesCodeAndMessage) {
  const absl::Status status = absl::NotFoundError("agencies/a is gone");
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, HasSubstr("agencies/a")));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kNotFound, "agencies/a is gone"));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kAborted)));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kNotFound, HasSubstr("agencies/b"))));
  EXPECT_THAT(status, Not(StatusIs(absl::StatusCode::kAborted, HasSubstr("agencies/a"))));
}

TEST(StatusMatchers, IsOkAndHoldsLooksAtTheValue) {
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(3));
  EXPECT_THAT(absl::StatusOr<int>(3), IsOkAndHolds(Gt(2)));
  EXPECT_THAT(absl::StatusOr<int>(3), Not(IsOkAndHolds(4)));
  EXPECT_THAT(absl::StatusOr<int>(absl::InternalError("x")), Not(IsOkAndHolds(3)));
  EXPECT_THAT(absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(5)),
              IsOkAndHolds(Pointee(5)));
}

TEST(StatusMatchers, AFailedMatchPrintsTheStatus) {
  ::testing::StringMatchResultListener listener;
  EXPECT_FALSE(::testing::ExplainMatchResult(IsOk(), absl::DataLossError("torn page"), &listener));
  EXPECT_THAT(listener.str(), HasSubstr("DATA_LOSS: torn page"));
}

TEST(StatusMatchers, AssertOkAndAssignMovesTheValueOut) {
  ASSERT_OK_AND_ASSIGN(std::unique_ptr<int> five,
                       absl::StatusOr<std::unique_ptr<int>>(std::make_unique<int>(5)));
  EXPECT_EQ(*five, 5);
}

TEST(TempDirTest, EachObjectHasAFolderOfItsOwnThatGoesWithIt) {
  std::string first_path;
  {
    const TempDir first;
    const TempDir second;
    first_path = first.path();
    EXPECT_NE(first.path(), second.path());
    EXPECT_TRUE(std::filesystem::is_empty(first_path));
    std::filesystem::create_directories(first.Path("a/b"));
    std::ofstream(first.Path("a/b/file")) << "text";
    std::filesystem::permissions(first.Path("a"), std::filesystem::perms::none);
  }
  EXPECT_FALSE(std::filesystem::exists(first_path));
}

}  // namespace
}  // namespace tandem::support
