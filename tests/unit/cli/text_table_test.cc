// SPDX-License-Identifier: Apache-2.0

#include "cli/text_table.h"

#include <sstream>

#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

TEST(TextTableTest, AlignsWideCharacters) {
  TextTable table({{"NAME"}, {"TITLE 名称"}, {"SLOTS", true}, {"STATE"}});
  table.AddRow({"agencies/a", "杭州市社工站", "5", "ACTIVE"});
  table.AddRow({"agencies/long-id", "ab", "1,200", ""});
  std::ostringstream out;
  table.Flush(out, false);
  EXPECT_EQ(out.str(),
            "NAME              TITLE 名称    SLOTS  STATE\n"
            "agencies/a        杭州市社工站      5  ACTIVE\n"
            "agencies/long-id  ab            1,200\n");
}

TEST(TextTableTest, PrintsOneHeaderAndKeepsWidthsAcrossPages) {
  TextTable table({{"A"}, {"B"}});
  std::ostringstream out;
  table.AddRow({"long cell", "1"});
  table.Flush(out, false);
  table.AddRow({"x", "2"});
  table.Flush(out, false);
  EXPECT_EQ(out.str(), "A          B\nlong cell  1\nx          2\n");
}

TEST(TextTableTest, BoldHeaderOnlyWithColour) {
  TextTable table({{"A"}});
  std::ostringstream out;
  table.Flush(out, true);
  EXPECT_EQ(out.str(), "\x1b[1mA\x1b[0m\n");
}

TEST(TextTableTest, CutsCellsAndNeutralisesLineEnds) {
  TextTable table({{"A", false, 4}, {"B"}});
  table.AddRow({"abcdef", "x\ny"});
  std::ostringstream out;
  table.Flush(out, false);
  EXPECT_EQ(out.str(), "A     B\nabc…  x y\n");
}

}  // namespace
}  // namespace tandem::cli
