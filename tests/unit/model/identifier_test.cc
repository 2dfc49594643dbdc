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

TEST(NormaliseIdentifier, OneFormHoweverItIsWritten) {
  const auto normal = [](std::string value) {
    NormaliseIdentifier(&value);
    return value;
  };
  EXPECT_EQ(normal("91350100M000100Y43"), "91350100M000100Y43");
  EXPECT_EQ(normal(" 9135 0100-m000100y43\xC2\xA0"), "91350100-M000100Y43");
  EXPECT_EQ(normal("\xE3\x80\x80９１３５ｍ"), "9135M") << "full-width forms and blanks";
  EXPECT_EQ(normal("京ICP备①号"), "京ICP备1号");
  EXPECT_EQ(normal("  "), "");
  EXPECT_EQ(normal(""), "");
  EXPECT_EQ(normal("\xFF x"), "\xFF x") << "what is no UTF-8 is left to the field's rules";
  for (const char* published : kPublished) {
    EXPECT_EQ(normal(normal(published)), published) << "twice is once";
  }
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
