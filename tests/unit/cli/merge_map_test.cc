// SPDX-License-Identifier: Apache-2.0

#include "cli/merge_map.h"

#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tandem::cli {
namespace {

// "1>2 2>3" as lines from 1.
std::vector<MergeRow> Rows(const std::string& text) {
  std::vector<MergeRow> rows;
  std::istringstream in(text);
  std::string word;
  while (in >> word) {
    const size_t arrow = word.find('>');
    rows.push_back({rows.size() + 1, word.substr(0, arrow), word.substr(arrow + 1)});
  }
  return rows;
}

// Groups and findings in the same short form: "3=1,2" and "1 chain".
std::string Text(const MergePlan& plan) {
  std::string text;
  for (const MergeGroup& group : plan.groups) {
    text += group.survivor + "=";
    for (const MergeRow& row : group.merged) {
      text += (&row == &group.merged.front() ? "" : ",") + row.from;
    }
    text += " ";
  }
  for (const MergeFinding& finding : plan.findings) {
    text += "| " + std::to_string(finding.line) + " " + KindWord(finding.kind) + " ";
  }
  if (!text.empty()) text.pop_back();
  return text;
}

TEST(MergeMapTest, FollowsChainsAndNamesWhatIsWrong) {
  const std::map<std::string, std::string> cases = {
      {"", ""},
      {"a>b", "b=a"},
      {"a>b c>b", "b=a,c"},
      {"a>b b>c", "c=a,b | 1 chain"},
      {"b>c a>b", "c=b,a | 2 chain"},
      {"a>b b>c c>d", "d=a,b,c | 1 chain | 2 chain"},
      {"a>a", "| 1 self"},
      {"a>b b>b", "b=a | 2 self"},
      {"a>b a>b", "b=a | 2 repeated"},
      {"a>b a>c", "b=a | 2 contradiction"},
      {">b a>", "| 1 empty | 2 empty"},
      {"a>b b>a", "| 1 cycle | 2 cycle"},
      // What leads into a cycle stops at its first member.
      {"x>a a>b b>a", "a=x | 2 cycle | 3 cycle"},
      {"x>y y>a a>b b>c c>a", "a=x,y | 1 chain | 3 cycle | 4 cycle | 5 cycle"},
      {"a>b b>c c>a z>b", "b=z | 1 cycle | 2 cycle | 3 cycle"},
  };
  for (const auto& [rows, expected] : cases) EXPECT_EQ(Text(PlanMerges(Rows(rows))), expected);
}

TEST(MergeMapTest, SaysWhereAChainAndACycleLead) {
  EXPECT_EQ(PlanMerges(Rows("a>b b>c")).findings.front().text, "a -> b -> c");
  EXPECT_EQ(PlanMerges(Rows("a>b b>a")).findings.front().text, "a -> b -> a");
  std::string rows;
  for (int i = 0; i < 1000; ++i) rows += std::to_string(i) + ">" + std::to_string(i + 1) + " ";
  EXPECT_EQ(PlanMerges(Rows(rows)).findings.front().text,
            "0 -> 1 -> 2 -> 3 -> 4 -> 5 -> 6 -> 7 -> 8 -> …");
}

// Whatever the list: each old number is merged once or is found fault with, a survivor is never
// merged itself, and it is where following the first lines leads.
TEST(MergeMapTest, RandomListsKeepTheRules) {
  std::mt19937 engine(7);
  for (int round = 0; round < 2000; ++round) {
    const int numbers = 2 + static_cast<int>(engine() % 12);
    std::vector<MergeRow> rows;
    std::map<std::string, std::string> first;
    for (size_t line = 1; line <= 1 + engine() % 15; ++line) {
      MergeRow row{line, std::to_string(static_cast<int>(engine()) % numbers + numbers),
                   std::to_string(static_cast<int>(engine()) % numbers + numbers)};
      if (row.from != row.to) first.try_emplace(row.from, row.to);
      rows.push_back(row);
    }
    const MergePlan plan = PlanMerges(rows);
    std::set<std::string> merged, survivors, cyclic;
    for (const MergeFinding& finding : plan.findings) {
      if (finding.kind == MergeFinding::Kind::kCycle) cyclic.insert(rows[finding.line - 1].from);
    }
    for (const MergeGroup& group : plan.groups) {
      EXPECT_TRUE(survivors.insert(group.survivor).second);
      for (const MergeRow& row : group.merged) {
        EXPECT_TRUE(merged.insert(row.from).second);
        std::string at = row.from;
        while (first.contains(at) && !cyclic.contains(at)) at = first.at(at);
        EXPECT_EQ(at, group.survivor);
      }
    }
    for (const std::string& survivor : survivors) EXPECT_FALSE(merged.contains(survivor));
    for (const auto& [from, to] : first) EXPECT_NE(merged.contains(from), cyclic.contains(from));
  }
}

}  // namespace
}  // namespace tandem::cli
