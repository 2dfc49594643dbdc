// SPDX-License-Identifier: Apache-2.0

#include "cli/csv_reader.h"

#include <random>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "random_message.h"

namespace tandem::cli {
namespace {

using ::testing::ElementsAre;

std::vector<CsvRecord> ReadAll(const std::string& text, char delimiter = ',') {
  std::istringstream in(text);
  CsvReader reader(in, delimiter);
  std::vector<CsvRecord> records;
  CsvRecord record;
  while (reader.Next(&record)) records.push_back(record);
  return records;
}

// Writes fields as RFC 4180 says; quotes more than needed now and then.
std::string Written(const std::vector<std::string>& fields, char delimiter, bool quote_all) {
  std::string line;
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) line.push_back(delimiter);
    const bool quote = quote_all || fields[i].find_first_of("\"\r\n") != std::string::npos ||
                       fields[i].find(delimiter) != std::string::npos ||
                       (fields.size() == 1 && fields[i].empty());
    if (!quote) {
      line += fields[i];
      continue;
    }
    line.push_back('"');
    for (char c : fields[i]) line += c == '"' ? std::string("\"\"") : std::string(1, c);
    line.push_back('"');
  }
  return line;
}

TEST(CsvReaderTest, ReadsQuotedFields) {
  const auto records = ReadAll(
      "\xEF\xBB\xBF"
      "a,\"b,\"\"c\"\"\",\"d\r\ne\"\r\n\r\n,,\n\"\",x,y");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b,\"c\"", "d\r\ne"));
  EXPECT_EQ(records[0].line, 1U);
  EXPECT_THAT(records[1].fields, ElementsAre("", "", ""));
  EXPECT_EQ(records[1].line, 4U);
  EXPECT_THAT(records[2].fields, ElementsAre("", "x", "y"));
  EXPECT_THAT(records[0].offsets, ElementsAre(0, 2, 12));
}

TEST(CsvReaderTest, RoundTripsRandomFields) {
  std::mt19937_64 random(4180);
  for (char delimiter : {',', ';', '\t'}) {
    for (int round = 0; round < 200; ++round) {
      std::vector<std::vector<std::string>> rows(1 + random() % 5);
      std::string text;
      const bool crlf = random() % 2 == 0;
      for (auto& row : rows) {
        row.resize(1 + random() % 5);
        for (std::string& field : row) field = testing::RandomText(&random);
        text += Written(row, delimiter, random() % 3 == 0) + (crlf ? "\r\n" : "\n");
      }
      if (random() % 2 == 0) text.erase(text.size() - (crlf ? 2 : 1));
      const auto records = ReadAll(text, delimiter);
      ASSERT_EQ(records.size(), rows.size()) << text;
      for (size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(records[i].problem, "") << text;
        EXPECT_EQ(records[i].fields, rows[i]) << text;
      }
    }
  }
}

TEST(CsvReaderTest, BrokenRecordsCostTheirFirstLineOnly) {
  const auto records = ReadAll("a,b\n\"open,1\nc,d\ne\"x,2\n\"y\"z,3\nf,g\n");
  std::string seen;
  for (const CsvRecord& record : records) {
    seen += std::to_string(record.line) + (record.problem.empty() ? "+" : "-") + record.raw + ";";
  }
  EXPECT_EQ(seen, "1+a,b;2-\"open,1;3+c,d;4-e\"x,2;5-\"y\"z,3;6+f,g;");
  EXPECT_EQ(records[1].problem_offset, 7U) << "the end of the line that is given up";
  EXPECT_EQ(records[3].problem_offset, 1U);
  EXPECT_EQ(records[4].problem_offset, 3U);
}

TEST(CsvReaderTest, AnUnclosedQuoteDoesNotSwallowTheFile) {
  std::string text = "a,b\n\"never closed,1\n";
  for (int i = 0; i < 50000; ++i) text += std::to_string(i) + ",a line of a sound record here\n";
  const auto records = ReadAll(text);
  ASSERT_EQ(records.size(), 50002U);
  EXPECT_NE(records[1].problem, "");
  EXPECT_EQ(records[2].problem, "");
  EXPECT_EQ(records.back().fields[0], "49999");
  EXPECT_EQ(records.back().line, 50002U);
}

TEST(CsvReaderTest, ALineThatIsTooLongIsSkipped) {
  const auto records = ReadAll("a\n" + std::string(3 << 20, 'x') + "\nb\n");
  ASSERT_EQ(records.size(), 3U);
  EXPECT_NE(records[1].problem, "");
  EXPECT_EQ(records[2].fields[0], "b");
  EXPECT_EQ(records[2].line, 3U);
}

TEST(CsvReaderTest, RandomBytesEndAndLinesAdvance) {
  std::mt19937_64 random(99);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (uint64_t left = random() % 40; left > 0; --left) text += "\",\n\r;ax"[random() % 7];
    size_t line = 0;
    for (const CsvRecord& record : ReadAll(text)) {
      EXPECT_GT(record.line, line) << text;
      line = record.line;
      if (record.problem.empty()) {
        EXPECT_FALSE(record.fields.empty());
      }
    }
  }
}

}  // namespace
}  // namespace tandem::cli
