// SPDX-License-Identifier: Apache-2.0

#include "cli/xlsx_program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/table_writer.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(XlsxRowTest, ReadsEveryKindOfCell) {
  XlsxRow row;
  ASSERT_TRUE(ParseXlsxRow(
      R"([7,"a",null,{"n":"12.5"},{"d":"2026-01-05"},{"b":true},{"e":"#N/A"},{"f":"=A1"}])", &row));
  EXPECT_EQ(row.number, 7U);
  EXPECT_THAT(row.cells, ElementsAre("a", "", "12.5", "2026-01-05", "true", "", ""));
  ASSERT_EQ(row.problems.size(), 7U);
  EXPECT_THAT(row.problems[5], HasSubstr("the error #N/A"));
  EXPECT_THAT(row.problems[6], HasSubstr("no result of the formula =A1"));
}

TEST(XlsxRowTest, RefusesWhatIsNoRow) {
  XlsxRow row;
  for (const char* line : {"", "[]", "[-1]", "[\"a\"]", "{\"end\":3}", "[1,5]", "[1,{\"x\":\"1\"}]",
                           "[1,{\"n\":1}]", "[1,{}]", "[1,[2]]", "[1,\"a\"", "null"}) {
    EXPECT_FALSE(ParseXlsxRow(line, &row)) << line;
  }
}

TEST(XlsxRowTest, KnowsTheEnd) {
  EXPECT_EQ(XlsxEnd("{\"end\":3}"), 3);
  EXPECT_EQ(XlsxEnd("{\"end\":-3}"), -1);
  EXPECT_EQ(XlsxEnd("[3]"), -1);
  EXPECT_EQ(XlsxEnd(""), -1);
}

TEST(XlsxRowTest, NamesColumns) {
  EXPECT_EQ(XlsxColumnName(0), "A");
  EXPECT_EQ(XlsxColumnName(25), "Z");
  EXPECT_EQ(XlsxColumnName(26), "AA");
  EXPECT_EQ(XlsxColumnName(701), "ZZ");
  EXPECT_EQ(XlsxColumnName(702), "AAA");
}

TEST(CsvFieldTest, QuotesWhatMustBe) {
  EXPECT_EQ(CsvField("plain", ','), "plain");
  EXPECT_EQ(CsvField("a;b", ','), "a;b");
  EXPECT_EQ(CsvField("a;b", ';'), "\"a;b\"");
  EXPECT_EQ(CsvField("a\"b", ','), "\"a\"\"b\"");
  EXPECT_EQ(CsvField("a\nb", ','), "\"a\nb\"");
  EXPECT_EQ(CsvField(" a", ','), "\" a\"");
  EXPECT_EQ(CsvField("", ','), "");
}

}  // namespace
}  // namespace tandem::cli
