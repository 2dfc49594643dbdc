// SPDX-License-Identifier: Apache-2.0

// Runs every file of golden/filter: the parser and checker must accept or refuse as the file says,
// and what the filter means to the naive evaluator must be what the file says.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "golden/filter_case_file.h"
#include "model/error.h"
#include "query/filter_check.h"
#include "query/filter_parser.h"
#include "query/order_by.h"

namespace tandem::testing {
namespace {

std::vector<std::string> CaseFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(TANDEM_GOLDEN_DIR)) {
    if (entry.path().extension() == ".txt") files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string NaiveNames(const FilterCaseFile& file, const FilterCase& test) {
  auto tree = query::ParseFilter(test.filter);
  if (!tree.ok()) return "(not parsed)";
  std::vector<const google::protobuf::Message*> found;
  for (const auto& record : file.records) {
    if (NaiveMatches(*tree, *record, file.parents)) found.push_back(record.get());
  }
  std::sort(found.begin(), found.end(), [&](const auto* left, const auto* right) {
    return NaiveBefore(*left, *right, test.order_by);
  });
  std::string names;
  for (const auto* record : found) {
    const std::string name = NameOf(*record);
    names += (names.empty() ? "" : " ") + name.substr(name.find('/') + 1);
  }
  return names;
}

void ExpectRefused(const FilterCase& test, const absl::Status& status) {
  EXPECT_EQ(model::ErrorReason(status), model::Reason::kFilterInvalid) << status;
  EXPECT_EQ(model::ErrorMetadataValue(status, "position"), test.position) << status;
  EXPECT_EQ(model::ErrorMetadataValue(status, "text"), test.text) << status;
  EXPECT_EQ(model::ErrorMetadataValue(status, "expected"), test.expected) << status;
  EXPECT_EQ(model::ErrorMetadataValue(status, "field"), "filter") << status;
}

class GoldenFilterTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenFilterTest, GivesWhatTheFileSays) {
  const FilterCaseFile file = ReadFilterCaseFile(GetParam());
  ASSERT_EQ(file.fault, "");
  ASSERT_FALSE(file.cases.empty());
  for (const FilterCase& test : file.cases) {
    SCOPED_TRACE(GetParam() + ":" + std::to_string(test.line) + " " + test.title);
    auto condition = query::CompileFilter(test.filter, file.type);
    if (test.refused) {
      EXPECT_FALSE(condition.ok());
      if (!condition.ok()) ExpectRefused(test, condition.status());
      continue;
    }
    EXPECT_TRUE(condition.ok()) << condition.status();
    EXPECT_TRUE(query::ParseOrderBy(test.order_by, file.type).ok()) << test.order_by;
    EXPECT_EQ(NaiveNames(file, test), test.names);
  }
}

INSTANTIATE_TEST_SUITE_P(Files, GoldenFilterTest, ::testing::ValuesIn(CaseFiles()),
                         [](const auto& file) {
                           return std::filesystem::path(file.param).stem().string();
                         });

TEST(GoldenFilterFiles, HoldAtLeastSixtyCases) {
  size_t count = 0;
  for (const std::string& path : CaseFiles()) count += ReadFilterCaseFile(path).cases.size();
  EXPECT_GE(count, 60u);
}

}  // namespace
}  // namespace tandem::testing
