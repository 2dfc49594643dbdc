// SPDX-License-Identifier: Apache-2.0

// Columns against the plain lists of values they were built from.

#include "catalog/column.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "catalog/column_builder.h"
#include "gtest/gtest.h"

namespace tandem::catalog {
namespace {

// Rows of values; single-valued rows have none or one.
using TextRows = std::vector<std::vector<std::string>>;

TextRows RandomRows(std::mt19937* random, size_t rows, size_t distinct, bool repeated) {
  TextRows out(rows);
  for (auto& row : out) {
    size_t count = repeated ? (*random)() % 4 : (*random)() % 8 != 0;
    for (size_t i = 0; i < count; ++i) {
      // Lengths differ, so that order is by code point and not by length.
      size_t value = (*random)() % distinct;
      row.push_back(std::string(value % 3 + 1, static_cast<char>('a' + value % 7)) +
                    std::to_string(value));
    }
  }
  return out;
}

std::unique_ptr<const Column> Build(const TextRows& rows, bool repeated) {
  ColumnBuilder builder(true, repeated);
  for (const auto& row : rows) {
    for (const std::string& value : row) builder.Add(value);
    builder.EndRow();
  }
  return builder.Finish();
}

std::vector<uint32_t> ToRows(const RowSet& set) {
  if (set.bits() != nullptr) {
    EXPECT_EQ(set.bits()->CountCommon(*set.bits()), set.size());
  }
  return {set.rows().begin(), set.rows().end()};
}

// Lists and bits, rows that ascend and rows that don't, against plain sets.
TEST(RowSetTest, KeepsTheRowsThatAreInTheSet) {
  constexpr uint32_t kRows = 300;
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::set<uint16_t> in_set, asked;
    for (uint32_t i = random() % kRows; i > 0; --i) in_set.insert(random() % kRows);
    for (uint32_t i = random() % (round % 2 == 0 ? kRows : 5); i > 0; --i) {
      asked.insert(random() % kRows);
    }
    const std::vector<uint16_t> list(in_set.begin(), in_set.end());
    const RowBits bits(list, kRows);
    std::vector<uint16_t> rows(asked.begin(), asked.end());
    if (round % 3 == 0) std::shuffle(rows.begin(), rows.end(), random);
    std::vector<uint16_t> expected;
    for (uint16_t row : rows) {
      if (in_set.count(row) > 0) expected.push_back(row);
    }
    for (const RowSet& set : {RowSet(list, nullptr), RowSet(list, &bits)}) {
      std::vector<uint16_t> kept = rows;
      set.Keep(&kept);
      ASSERT_EQ(kept, expected) << "round " << round;
      for (uint16_t row = 0; row < kRows; ++row) {
        ASSERT_EQ(set.Contains(row), in_set.count(row) > 0) << row;
      }
    }
    const RowBits others(rows, kRows);
    EXPECT_EQ(bits.CountCommon(others), expected.size());
  }
}

class ColumnTest : public testing::TestWithParam<std::tuple<size_t, size_t, bool>> {};

TEST_P(ColumnTest, AgreesWithTheRowsItWasBuiltFrom) {
  const auto [row_count, distinct, repeated] = GetParam();
  std::mt19937 random(static_cast<uint32_t>(row_count * 31 + distinct));
  const TextRows rows = RandomRows(&random, row_count, distinct, repeated);
  const std::unique_ptr<const Column> column = Build(rows, repeated);

  std::map<std::string, std::vector<uint32_t>> by_value;
  std::vector<uint32_t> without;
  for (uint32_t row = 0; row < rows.size(); ++row) {
    for (const std::string& value : std::set<std::string>(rows[row].begin(), rows[row].end())) {
      by_value[value].push_back(row);
    }
    if (rows[row].empty()) without.push_back(row);
  }
  ASSERT_EQ(column->distinct(), by_value.size());
  EXPECT_EQ(ToRows(column->Rows(static_cast<Code>(column->distinct()))), without);
  Code code = 0;
  for (const auto& [value, expected] : by_value) {
    EXPECT_EQ(column->text_value(code), value);
    EXPECT_EQ(column->FindCode(value), code);
    EXPECT_EQ(column->UpperBound(value), code + 1);
    EXPECT_EQ(ToRows(column->Rows(code)), expected);
    EXPECT_EQ(column->Rows(code).Contains(expected.back()), true);
    ++code;
  }
  EXPECT_EQ(column->FindCode("no such value"), std::nullopt);
  for (uint32_t row = 0; row < rows.size(); ++row) {
    if (!repeated) {
      Code found = column->code(row);
      ASSERT_EQ(found == column->distinct(), rows[row].empty());
      if (!rows[row].empty()) {
        EXPECT_EQ(column->text_value(found), rows[row][0]);
      }
      continue;
    }
    ASSERT_EQ(column->list_size(row), rows[row].size());
    for (uint32_t i = 0; i < rows[row].size(); ++i) {
      EXPECT_EQ(column->text_value(column->list_code(row, i)), rows[row][i]);
    }
  }
  Roaring from_range;
  auto [begin, end] = column->PrefixRange("b");
  column->AddRows(begin, end, &from_range);
  Roaring expected;
  for (const auto& [value, with] : by_value) {
    if (value[0] != 'b') continue;
    for (uint32_t row : with) expected.add(row);
  }
  EXPECT_EQ(from_range, expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ColumnTest,
                         testing::Combine(testing::Values(1, 50, 9000, 65536),
                                          testing::Values(1, 3, 300, 70000), testing::Bool()));

TEST(ColumnTest, OrderIsByValueWithAbsentRowsLast) {
  const TextRows rows = {{"b"}, {}, {"a"}, {"b"}, {"\u4e2d"}};
  const auto column = Build(rows, false);
  EXPECT_EQ(std::vector<uint32_t>(column->order().begin(), column->order().end()),
            (std::vector<uint32_t>{2, 0, 3, 4, 1}));
}

TEST(ColumnTest, IntegersCompareAsNumbers) {
  ColumnBuilder builder(false, false);
  for (int64_t value : {int64_t{5}, int64_t{-3}, int64_t{5}, int64_t{1} << 40}) {
    builder.Add(value);
    builder.EndRow();
  }
  const auto column = builder.Finish();
  EXPECT_EQ(column->LowerBound(int64_t{-2}), 1u);
  EXPECT_EQ(column->UpperBound(int64_t{5}), 2u);
  EXPECT_EQ(ToRows(column->Rows(*column->FindCode(int64_t{5}))), (std::vector<uint32_t>{0, 2}));
}

TEST(ColumnTest, TheLastOfSeveralValuesOfASingleFieldCounts) {
  ColumnBuilder builder(true, false);
  builder.Add("first");
  builder.Add("second");
  builder.EndRow();
  const auto column = builder.Finish();
  ASSERT_EQ(column->distinct(), 1u);
  EXPECT_EQ(column->text_value(column->code(0)), "second");
}

TEST(ColumnTest, EqualRowsTakeNoArrayOfCodes) {
  ColumnBuilder builder(true, false);
  for (int row = 0; row < 60000; ++row) {
    builder.Add("the same");
    builder.EndRow();
  }
  // The inverted list is the sort order and stays.
  EXPECT_LT(builder.Finish()->MemoryBytes(), 60000 * 2 + 4096);
}

}  // namespace
}  // namespace tandem::catalog
