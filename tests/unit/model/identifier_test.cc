// SPDX-License-Identifier: Apache-2.0

#include "model/identifier.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tandem::model {
namespace {

using ::testing::HasSubstr;

// Codes that registries and annual reports publish; the first is the standard's own example.
constexpr const char* kPublished[] = {"91350100M000100Y43", "914403001922038216",
                                      "9144030071526726XG", "91330100799655058B"};

TEST(Uscc, TakesPublishedCodes) {
  for (const char* code : kPublished) EXPECT_EQ(UsccProblem(code), "") << code;
}

TEST(Uscc, EverySingleWrongCharacterIsSeen) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  for (const char* published : kPublished) {
    for (size_t at = 0; at < 18; ++at) {
      for (char c : kAlphabet) {
        std::string code = published;
        if (code[at] == c) continue;
        code[at] = c;
        EXPECT_NE(UsccProblem(code), "") << code;
      }
    }
  }
}

TEST(Uscc, EverySwapOfNeighboursIsSeen) {
  for (const char* published : kPublished) {
    for (size_t at = 0; at + 1 < 18; ++at) {
      std::string code = published;
      if (code[at] == code[at + 1]) continue;
      std::swap(code[at], code[at + 1]);
      EXPECT_NE(UsccProblem(code), "") << code;
    }
  }
}

TEST(Uscc, SaysWhatIsWrong) {
  EXPECT_THAT(UsccProblem("9135"), HasSubstr("has 4 characters"));
  EXPECT_THAT(UsccProblem("91350100M000100I43"), HasSubstr("no unified social credit code has"));
  EXPECT_THAT(UsccProblem("91350100M000100Y53"), HasSubstr("organisation code"));
  EXPECT_THAT(UsccProblem("91350100M000100Y44"), HasSubstr("ends in the check character 4, not 3"));
  EXPECT_THAT(UsccProblem("9135A100M000100Y43"), HasSubstr("region code"));
}

TEST(OrganisationCode, HasItsOwnCheck) {
  EXPECT_EQ(OrganisationCodeCheck("M000100Y"), '4');
  EXPECT_EQ(OrganisationCodeCheck("71526726"), 'X');
  EXPECT_EQ(OrganisationCodeCheck("7152672"), std::nullopt);
  EXPECT_EQ(OrganisationCodeCheck("7152672a"), std::nullopt);
}

// The check is 11 minus the sum modulo 11: 10 is written X and 11 is written 0.
TEST(OrganisationCode, WritesElevenAsZero) {
  for (char c = '0'; c <= '9'; ++c) {
    std::string body = std::string("0000000") + c;
    int check = 11 - (2 * (c - '0')) % 11;
    char expected = check == 10 ? 'X' : static_cast<char>('0' + (check == 11 ? 0 : check));
    EXPECT_EQ(OrganisationCodeCheck(body), expected) << body;
  }
}

}  // namespace
}  // namespace tandem::model
