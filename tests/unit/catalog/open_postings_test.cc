// SPDX-License-Identifier: Apache-2.0

#include "catalog/open_postings.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace tandem::catalog {
namespace {

using model::RecordType;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const FieldTable& Table() { return FieldTable::Of(RecordType::kAgency); }
FieldId IdOf(std::string_view path) { return Table().Find(path)->id; }

// A row of the given values; texts must outlive the call.
RowBlob Row(std::vector<RowItem> values) {
  RowItems items;
  items.items = std::move(values);
  return RowBlob(Table(), items);
}

template <typename Value>
std::vector<uint16_t> Found(const OpenPostings& postings, std::string_view path, Value value,
                            uint32_t row_count) {
  std::vector<uint16_t> rows;
  postings.Find(IdOf(path), value, row_count, &rows);
  return rows;
}

TEST(OpenPostingsTest, NamesTheRowsOfAViewNewestFirst) {
  OpenPostings postings(16);
  const FieldId region = IdOf("home_region"), status = IdOf("status");
  postings.Add(Table(), Row({{region, 0, "regions/33"}, {status, 1, ""}}), 0);
  postings.Add(Table(), Row({{region, 0, "regions/44"}, {status, 1, ""}}), 1);
  postings.Add(Table(), Row({{region, 0, "regions/33"}, {status, 2, ""}}), 2);
  EXPECT_TRUE(postings.Covers(3));
  EXPECT_FALSE(postings.Covers(4));
  EXPECT_THAT(Found(postings, "home_region", std::string_view("regions/33"), 3), ElementsAre(2, 0));
  // A view from before the third row.
  EXPECT_THAT(Found(postings, "home_region", std::string_view("regions/33"), 2), ElementsAre(0));
  EXPECT_THAT(Found(postings, "status", int64_t{1}, 3), ElementsAre(1, 0));
  // The same value in another field is another one.
  EXPECT_THAT(Found(postings, "registration_region", std::string_view("regions/33"), 3), IsEmpty());
}

TEST(OpenPostingsTest, NamesARowOnceHoweverOftenItHasTheValue) {
  OpenPostings postings(16);
  const FieldId languages = IdOf("languages");
  postings.Add(Table(), Row({{languages, 0, "bo"}, {languages, 0, "bo"}}), 0);
  EXPECT_THAT(Found(postings, "languages", std::string_view("bo"), 1), ElementsAre(0));
}

TEST(OpenPostingsTest, SaysWhenItRanOut) {
  OpenPostings postings(4);
  const FieldId languages = IdOf("languages");
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i) texts.push_back(absl::StrCat("l", i));
  std::vector<RowItem> many;
  for (const std::string& text : texts) many.push_back({languages, 0, text});
  postings.Add(Table(), Row({{languages, 0, "bo"}}), 0);
  postings.Add(Table(), Row(many), 1);
  postings.Add(Table(), Row({{languages, 0, "bo"}}), 2);
  EXPECT_TRUE(postings.Covers(1));
  EXPECT_FALSE(postings.Covers(2));
  EXPECT_FALSE(postings.Covers(3));
}

}  // namespace
}  // namespace tandem::catalog
