// SPDX-License-Identifier: Apache-2.0

// Values as spreadsheets and keyboards leave them: widths, days, damaged codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/code_damage.h"
#include "cli/spreadsheet_date.h"
#include "cli/width_fold.h"

namespace tandem::cli {
namespace {

using ::testing::HasSubstr;

std::string Day(std::string_view text, DayNumbers numbers = DayNumbers::k1900) {
  return ReadSpreadsheetDate(text, numbers).value_or("none");
}

TEST(WidthFoldTest, FoldsFormsAndBlanksOnly) {
  EXPECT_EQ(FoldWidth("６３２３２３"), "632323");
  EXPECT_EQ(FoldWidth("　ＭＪ００-Ｘ　"), "MJ00-X");
  EXPECT_EQ(FoldWidth("\ufeff12\u200b3\u00a0"), "123");
  EXPECT_EQ(FoldWidth("泽库县、a"), "泽库县、a");
  EXPECT_EQ(FoldWidth(""), "");
}

TEST(SpreadsheetDateTest, ReadsWhatSpreadsheetsWrite) {
  for (const char* text :
       {"2026/1/5", "2026-01-05", "2026.1.5", "2026年1月5日", "2026年01月05", "2026/1/5 0:00",
        "2026-01-05T00:00:00Z", "20260105", "46027", "46027.75"}) {
    EXPECT_EQ(Day(text), "2026-01-05") << text;
  }
  EXPECT_EQ(Day("44565", DayNumbers::k1904), "2026-01-05");
}

TEST(SpreadsheetDateTest, DayNumbersAtTheirEnds) {
  EXPECT_EQ(Day("1"), "1900-01-01");
  EXPECT_EQ(Day("59"), "1900-02-28");
  EXPECT_EQ(Day("60"), "none") << "29 February 1900 never was";
  EXPECT_EQ(Day("61"), "1900-03-01");
  EXPECT_EQ(Day("2958465"), "9999-12-31");
  EXPECT_EQ(Day("2958466"), "none");
  EXPECT_EQ(Day("0"), "none");
  EXPECT_EQ(Day("0", DayNumbers::k1904), "1904-01-01");
}

TEST(SpreadsheetDateTest, RefusesWhatIsNoDay) {
  for (const char* text : {"", "26/1/5", "2026/2/30", "2026/13/1", "5/1/2026", "2026/1", "-3",
                           "1e5", "2026年", "tomorrow", "2026/1/5x", "99999999"}) {
    EXPECT_EQ(Day(text), "none") << text;
  }
  EXPECT_EQ(Day("2024/2/29"), "2024-02-29");
}

TEST(CodeDamageTest, NamesWhatASpreadsheetDid) {
  const struct {
    const char* code;
    const char* said;
  } kCases[] = {
      {"5.21E+17", "scientific notation"},      {"5.2110000001E17", "scientific notation"},
      {"'521100000000000001", "apostrophe"},    {"521100000000000.0", "decimal number"},
      {"521,100,000,000", "thousands"},         {"521100000000123000", "became zeros"},
      {"52110000000012345", "17 digits of 18"},
  };
  for (const auto& known : kCases) {
    const std::string said = DescribeCodeDamage(known.code, CodeKind::kCreditCode);
    EXPECT_THAT(said, HasSubstr("looks damaged by a spreadsheet")) << known.code;
    EXPECT_THAT(said, HasSubstr(known.said)) << known.code;
  }
}

TEST(CodeDamageTest, LeavesSoundAndPlainlyWrongCodesAlone) {
  EXPECT_TRUE(IsCreditCode("91350100M000100Y43")) << "the example of GB 32100-2015";
  EXPECT_FALSE(IsCreditCode("91350100M000100Y42"));
  for (const char* code : {"91350100M000100Y43", "91350100M000100Y42", "", "x", "12345"}) {
    EXPECT_EQ(DescribeCodeDamage(code, CodeKind::kCreditCode), "") << code;
  }
  // Zeros at the end of any other code mean nothing.
  EXPECT_EQ(DescribeCodeDamage("630000000000000000", CodeKind::kAny), "");
  EXPECT_EQ(DescribeCodeDamage("1E5", CodeKind::kAny), "");
}

}  // namespace
}  // namespace tandem::cli
