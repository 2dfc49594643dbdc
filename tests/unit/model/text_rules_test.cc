// SPDX-License-Identifier: Apache-2.0

#include "model/text_rules.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/calendar_date.h"

namespace tandem::model {
namespace {

using ::testing::HasSubstr;

std::string Problem(std::string_view text) { return TextProblem(text, TextKind::kLine); }

TEST(TextProblem, TakesOrdinaryText) {
  for (const char* text : {"", "plain ASCII", "泽库县社工服务中心", "བོད་ཡིག", "ئۇيغۇرچە", "ᠮᠣᠩᠭᠣᠯ",
                           "Ünïcödé", "𠮷野家", "emoji 🙂"}) {
    EXPECT_EQ(Problem(text), "") << text;
  }
}

struct Refused {
  const char* text;
  const char* why;
};

class RefusedText : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedText, SaysWhy) {
  EXPECT_THAT(Problem(GetParam().text), HasSubstr(GetParam().why));
  EXPECT_THAT(TextProblem(GetParam().text, TextKind::kLines), HasSubstr(GetParam().why));
}

INSTANTIATE_TEST_SUITE_P(
    All, RefusedText,
    ::testing::Values(
        Refused{"a\x01", "control character (U+0001) at character 2"}, Refused{"\x7f", "control"},
        Refused{"\xC2\x85", "control"}, Refused{"a\r", "control"},
        Refused{"\xE2\x80\xAE", "direction mark (U+202E)"},
        Refused{"\xE2\x81\xA6", "direction mark (U+2066)"},
        Refused{"\xE2\x80\x8F", "direction mark"},
        Refused{"a\xE2\x80\x8B", "invisible format character (U+200B)"},
        Refused{"\xEF\xBB\xBF", "invisible"}, Refused{"a\xE2\x80\x8D", "joiner"},
        Refused{"县\xE2\x80\x8C县", "joiner"}, Refused{"\xE2\x80\xA8", "line separator"},
        Refused{"\xEE\x80\x80", "private-use"}, Refused{"\xF3\xB0\x80\x80", "private-use"},
        Refused{"\xCD\xB8", "unassigned character (U+0378)"}, Refused{"\xEF\xBF\xBE", "unassigned"},
        Refused{"\xC0\x80", "not UTF-8"}, Refused{"县\xE5\x8E", "not UTF-8 at character 2"},
        Refused{"\xED\xA0\x80", "not UTF-8"}, Refused{"\xF4\x90\x80\x80", "not UTF-8"}));

TEST(TextProblem, NewlinesAndTabsBelongToDescriptions) {
  EXPECT_THAT(Problem("a\nb"), HasSubstr("control"));
  EXPECT_THAT(Problem("a\tb"), HasSubstr("control"));
  EXPECT_EQ(TextProblem("a\n\tb", TextKind::kLines), "");
}

TEST(TextProblem, JoinersStayWhereAScriptNeedsThem) {
  // Persian "mi-khaham" with a non-joiner, Devanagari "ksha" with a joiner after the virama.
  EXPECT_EQ(Problem("\xD9\x85\xDB\x8C\xE2\x80\x8C\xD8\xAE"), "");
  EXPECT_EQ(Problem("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D\xE0\xA4\xB7"), "");
}

TEST(NormaliseText, MakesNormalFormC) {
  std::string text = "e\xCC\x81";
  NormaliseText(&text);
  EXPECT_EQ(text, "\xC3\xA9");
  std::string hangul = "\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB";
  NormaliseText(&hangul);
  EXPECT_EQ(hangul, "한");
  std::string broken = "e\xCC\x81\xFF";
  NormaliseText(&broken);
  EXPECT_EQ(broken, "e\xCC\x81\xFF");
}

TEST(CodePoints, AreCountedNotBytes) {
  EXPECT_EQ(CodePointCount(""), 0U);
  EXPECT_EQ(CodePointCount("abc"), 3U);
  EXPECT_EQ(CodePointCount("泽库县"), 3U);
  EXPECT_EQ(CodePointCount("𠮷"), 1U);
}

TEST(CalendarDate, KnowsTheCalendar) {
  for (const char* day : {"2024-02-29", "2000-02-29", "1000-01-01", "9999-12-31"}) {
    EXPECT_TRUE(IsCalendarDate(day)) << day;
  }
  for (const char* day :
       {"", "2023-02-29", "1900-02-29", "2024-04-31", "2024-00-01", "2024-01-00", "2024-13-01",
        "0999-01-01", "2024-1-01", "2024/01/01", "2024-01-011", "+024-01-01", "2024- 1-01"}) {
    EXPECT_FALSE(IsCalendarDate(day)) << day;
  }
}

TEST(CalendarDate, AddsYears) {
  EXPECT_EQ(AddYears("2020-02-29", 4), "2024-02-29");
  EXPECT_EQ(AddYears("2020-02-29", 5), "2025-03-01");
  EXPECT_EQ(AddYears("2021-12-31", 5), "2026-12-31");
}

}  // namespace
}  // namespace tandem::model
