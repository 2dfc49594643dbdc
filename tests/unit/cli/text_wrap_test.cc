// SPDX-License-Identifier: Apache-2.0

#include "cli/text_wrap.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/display_width.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;

TEST(TextWrapTest, BreaksAtBlanksAndBetweenWideCharacters) {
  EXPECT_THAT(WrapText("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(WrapText("one two three", 13), ElementsAre("one two three"));
  EXPECT_THAT(WrapText("社会工作服务机构", 6), ElementsAre("社会工", "作服务", "机构"));
  EXPECT_THAT(WrapText("社会工作,服务。机构", 8), ElementsAre("社会工作", ",服务。", "机构"));
  EXPECT_THAT(WrapText("ab 社会cd", 5), ElementsAre("ab 社", "会cd"));
}

TEST(TextWrapTest, LineEndsStayAndLongWordsStandAlone) {
  EXPECT_THAT(WrapText("a\nb", 10), ElementsAre("a", "b"));
  EXPECT_THAT(WrapText("a extraordinarily b", 5), ElementsAre("a", "extraordinarily", "b"));
  EXPECT_THAT(WrapText("", 5), ElementsAre(""));
  EXPECT_THAT(WrapText("a\x1b[31m", 9), ElementsAre("a [31m"));
}

TEST(TextWrapTest, NothingIsLost) {
  const std::string text = "Tandem 结对 is a 目录 of 社会工作 agencies, 服务类别 and regions。";
  for (size_t width = 1; width < 80; ++width) {
    std::string joined;
    for (const std::string& line : WrapText(text, width)) joined += line;
    std::string expected;
    for (char c : text) {
      if (c != ' ') expected += c;
    }
    std::string got;
    for (char c : joined) {
      if (c != ' ') got += c;
    }
    EXPECT_EQ(got, expected) << width;
  }
}

}  // namespace
}  // namespace tandem::cli
