// SPDX-License-Identifier: Apache-2.0

#include "query/page_token.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "model/error.h"

namespace tandem::query {
namespace {

using model::Reason;
using model::RecordType;

std::array<uint8_t, PageTokens::kKeyBytes> Key(uint8_t first) {
  std::array<uint8_t, PageTokens::kKeyBytes> key{};
  for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(first + i);
  return key;
}

const ListArguments kArguments{"agencies", "", "status = AGENCY_STATUS_ACTIVE",
                               "assessment.points desc, display_name", false};

Order OrderOf(const ListArguments& arguments) {
  return *ParseOrderBy(arguments.order_by, RecordType::kAgency);
}

PagePosition SomePosition() { return {{int64_t{-7}, "杭州", "agencies/a-1"}, 12345}; }

Reason ReasonOf(const absl::StatusOr<PagePosition>& opened) {
  return model::ErrorReason(opened.status()).value_or(Reason::kInternal);
}

TEST(PageTokensTest, GiveBackWhatWasSealed) {
  const PageTokens tokens(Key(1));
  const std::string token = tokens.Seal(kArguments, SomePosition());
  // A server started again has a new object with the stored key.
  auto opened = PageTokens(Key(1)).Open(token, kArguments, OrderOf(kArguments));
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->last, SomePosition().last);
  EXPECT_EQ(opened->read_revision, 12345);
}

TEST(PageTokensTest, OfThisLayoutStayReadable) {
  // Made by the first release. Clients may hold such tokens across an upgrade.
  constexpr char kToken[] =
      "CAESCGFnZW5jaWVzGhDDBhz5wr5f11r7sIx6W0KKIgsI-f__________"
      "ASIIEgbmna3lt54iDhIMYWdlbmNpZXMvYS0xKLlgh6RPtApNHoUcZA2Dd7-Skw";
  const PageTokens tokens(Key(1));
  auto opened = tokens.Open(kToken, kArguments, OrderOf(kArguments));
  ASSERT_TRUE(opened.ok()) << tokens.Seal(kArguments, SomePosition());
  EXPECT_EQ(opened->last, SomePosition().last);
}

TEST(PageTokensTest, RefuseEveryChangedCharacter) {
  const PageTokens tokens(Key(1));
  const std::string token = tokens.Seal(kArguments, SomePosition());
  for (size_t i = 0; i < token.size(); ++i) {
    for (const char other : {'A', 'z', '_', '=', '\0'}) {
      if (token[i] == other) continue;
      std::string changed = token;
      changed[i] = other;
      EXPECT_EQ(ReasonOf(tokens.Open(changed, kArguments, OrderOf(kArguments))),
                Reason::kPageTokenInvalid)
          << i << " " << other;
    }
  }
}

TEST(PageTokensTest, RefuseEveryCutAndEveryAddition) {
  const PageTokens tokens(Key(1));
  const std::string token = tokens.Seal(kArguments, SomePosition());
  for (size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(ReasonOf(tokens.Open(token.substr(0, size), kArguments, OrderOf(kArguments))),
              Reason::kPageTokenInvalid)
        << size;
  }
  for (const std::string& longer : {token + "A", token + "=", token + "\n", " " + token}) {
    EXPECT_EQ(ReasonOf(tokens.Open(longer, kArguments, OrderOf(kArguments))),
              Reason::kPageTokenInvalid);
  }
  EXPECT_EQ(ReasonOf(tokens.Open(std::string(100'000, 'A'), kArguments, OrderOf(kArguments))),
            Reason::kPageTokenInvalid);
}

TEST(PageTokensTest, RefuseAnotherDirectorysKey) {
  const std::string token = PageTokens(Key(1)).Seal(kArguments, SomePosition());
  EXPECT_EQ(ReasonOf(PageTokens(Key(2)).Open(token, kArguments, OrderOf(kArguments))),
            Reason::kPageTokenInvalid);
}

TEST(PageTokensTest, TellOtherArgumentsApart) {
  const PageTokens tokens(Key(1));
  const std::string token = tokens.Seal(kArguments, SomePosition());
  ListArguments other = kArguments;
  other.collection = "needs";
  EXPECT_EQ(ReasonOf(tokens.Open(token, other, OrderOf(kArguments))), Reason::kPageTokenMismatch);
  other = kArguments;
  other.parent = "agencies/x";
  EXPECT_EQ(ReasonOf(tokens.Open(token, other, OrderOf(kArguments))), Reason::kPageTokenMismatch);
  other = kArguments;
  other.filter = "";
  EXPECT_EQ(ReasonOf(tokens.Open(token, other, OrderOf(kArguments))), Reason::kPageTokenMismatch);
  other = kArguments;
  other.order_by = "display_name";
  EXPECT_EQ(ReasonOf(tokens.Open(token, other, OrderOf(other))), Reason::kPageTokenMismatch);
  other = kArguments;
  other.show_deleted = true;
  EXPECT_EQ(ReasonOf(tokens.Open(token, other, OrderOf(kArguments))), Reason::kPageTokenMismatch);
}

TEST(PageTokensTest, DoNotConfuseWhereAnArgumentEnds) {
  const PageTokens tokens(Key(1));
  const ListArguments left{"agencies", "", "a", "name", false};
  const ListArguments right{"agencies", "a", "", "name", false};
  const PagePosition position{{"agencies/a"}, 1};
  EXPECT_EQ(ReasonOf(tokens.Open(tokens.Seal(left, position), right, OrderOf(right))),
            Reason::kPageTokenMismatch);
}

}  // namespace
}  // namespace tandem::query
