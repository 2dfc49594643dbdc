// SPDX-License-Identifier: Apache-2.0

#include "query/highlight.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "catalog/text_fold.h"

namespace tandem::query {
namespace {

// The text with the found parts in brackets.
std::string Marked(const std::string& search, const std::u32string& text, bool loose = false) {
  std::string utf8;
  for (char32_t c : text) catalog::AppendUtf8(c, &utf8);
  const std::vector<TextSpan> spans = FindSpans(*ReadSearchText(search, {}), utf8, loose);
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    for (const TextSpan& span : spans) {
      if (span.begin == static_cast<int32_t>(i)) out += '[';
    }
    catalog::AppendUtf8(text[i], &out);
    for (const TextSpan& span : spans) {
      if (span.end == static_cast<int32_t>(i) + 1) out += ']';
    }
  }
  return out;
}

TEST(HighlightTest, MarksWhatWasFound) {
  EXPECT_EQ(Marked("长沙", U"湖南长沙市"), "湖南[长沙]市");
  EXPECT_EQ(Marked("长沙", U"湖南長沙市"), "湖南[長沙]市");
  EXPECT_EQ(Marked("changsha", U"湖南长沙市"), "湖南[长沙]市");
  EXPECT_EQ(Marked("changsh", U"湖南长沙市"), "湖南[长沙]市");
  EXPECT_EQ(Marked("css", U"长沙市"), "[长沙市]");
  EXPECT_EQ(Marked("care cen", U"Sun Care Center"), "Sun [Care] [Cen]ter");
  EXPECT_EQ(Marked("crae", U"Sun Care", true), "Sun [Care]");
  EXPECT_EQ(Marked("crae", U"Sun Care"), "Sun Care");
  EXPECT_EQ(Marked("社工服务", U"社工与服务"), "[社工]与[服务]");
  EXPECT_EQ(Marked("儿童", U"老年"), "老年");
}

TEST(HighlightTest, SpansAreApartAndInside) {
  std::mt19937 random(2);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (uint32_t k = random() % 30; k > 0; --k) text.push_back(static_cast<char>(random()));
    int32_t last = -1;
    for (const TextSpan& span : FindSpans(*ReadSearchText("a b 长 1", {}), text, true)) {
      EXPECT_GT(span.begin, last);
      EXPECT_GT(span.end, span.begin);
      EXPECT_LE(span.end, static_cast<int32_t>(text.size()));
      last = span.end;
    }
  }
}

}  // namespace
}  // namespace tandem::query
