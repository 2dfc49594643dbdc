// SPDX-License-Identifier: Apache-2.0

#include "cli/display_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

TEST(DisplayWidthTest, CountsColumnsNotBytes) {
  EXPECT_EQ(DisplayWidth(""), 0U);
  EXPECT_EQ(DisplayWidth("abc"), 3U);
  EXPECT_EQ(DisplayWidth("杭州市"), 6U);
  EXPECT_EQ(DisplayWidth("泽库县 632323"), 13U);
  EXPECT_EQ(DisplayWidth("Ａ"), 2U) << "full-width letter";
  EXPECT_EQ(DisplayWidth("ｱ"), 1U) << "half-width katakana";
  EXPECT_EQ(DisplayWidth("e\u0301"), 1U) << "combining accent";
  EXPECT_EQ(DisplayWidth("བོད"), 2U) << "Tibetan vowel sign takes no column";
  EXPECT_EQ(DisplayWidth("浙→青"), 5U) << "the arrow is ambiguous: one column";
  EXPECT_EQ(DisplayWidth("\xff\xfe"), 2U) << "invalid bytes";
}

TEST(DisplayWidthTest, PadsAndCutsByColumns) {
  EXPECT_EQ(PadRight("杭州", 6), "杭州  ");
  EXPECT_EQ(PadLeft("杭州", 6), "  杭州");
  EXPECT_EQ(PadRight("杭州市", 4), "杭州市") << "never cuts";
  EXPECT_EQ(CutToWidth("杭州市", 6), "杭州市");
  EXPECT_EQ(CutToWidth("杭州市", 5), "杭州…");
  EXPECT_EQ(CutToWidth("杭州市", 4), "杭…") << "a wide character is not halved";
  EXPECT_EQ(CutToWidth("abc", 0), "");
}

TEST(DisplayWidthTest, CutNeverExceedsItsWidth) {
  const std::string text = "a杭b州c市ｱe\u0301→…";
  for (size_t width = 0; width < 16; ++width) {
    EXPECT_LE(DisplayWidth(CutToWidth(text, width)), width) << width;
  }
}

TEST(DisplayWidthTest, OneLineDropsWhatMovesTheCursor) {
  EXPECT_EQ(OneLine("a\nb\tc\x1b[31md"), "a b c [31md");
  EXPECT_EQ(OneLine("a\xff"
                    "b"),
            "a\uFFFDb");
  EXPECT_EQ(OneLine("杭州"), "杭州");
}

}  // namespace
}  // namespace tandem::cli
