// SPDX-License-Identifier: Apache-2.0

// What synonym sets do to searches, set by set: the words are those the records below have.

#include "catalog/synonyms.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "query/highlight.h"
#include "query/search.h"
#include "support/record_catalog.h"
#include "tandem/v1/agency.pb.h"
#include "tandem/v1/synonym_set.pb.h"

namespace tandem::query {
namespace {

using model::RecordType;
using tandem::testing::RecordCatalog;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const PageTokens& Tokens() {
  static const PageTokens tokens(std::array<uint8_t, PageTokens::kKeyBytes>{9});
  return tokens;
}

catalog::CatalogOptions NoBackground() {
  catalog::CatalogOptions options;
  options.background = false;
  return options;
}

class SynonymsTest : public ::testing::Test {
 protected:
  SynonymsTest() : records_(NoBackground()) {
    Agency("laonian", "老年服务中心");
    Agency("yanglao", "养老院");
    Agency("jujia", "居家老年支持");
    Agency("care", "Elderly Care House");
    Agency("people", "Centre for old people");
    Agency("young", "People of old towns");
  }

  void Agency(const std::string& id, const std::string& name) {
    auto agency = std::make_shared<v1::Agency>();
    agency->set_name("agencies/" + id);
    agency->set_display_name(name);
    records_.Put(RecordType::kAgency, agency);
  }

  void Set(const std::string& id, const std::vector<std::string>& words,
           const std::vector<std::string>& targets = {}, bool deleted = false) {
    auto set = std::make_shared<v1::SynonymSet>();
    set->set_name("synonymSets/" + id);
    set->mutable_words()->Add(words.begin(), words.end());
    set->mutable_targets()->Add(targets.begin(), targets.end());
    if (deleted) set->mutable_delete_time()->set_seconds(1);
    records_.Put(RecordType::kSynonymSet, set);
  }

  std::vector<std::string> Search(const std::string& text) {
    SearchQuery query;
    query.text = text;
    auto page = query::Search(*records_.view(), Tokens(), query);
    EXPECT_TRUE(page.ok()) << page.status();
    EXPECT_FALSE(page->loose && !page->rows.empty()) << text;
    std::vector<std::string> ids;
    for (const SearchRow& row : page->rows) ids.push_back(row.id);
    return ids;
  }

  RecordCatalog records_;
};

TEST_F(SynonymsTest, WordsStandForEachOtherAsSoonAsTheSetIsThere) {
  EXPECT_THAT(Search("养老"), ElementsAre("yanglao"));
  Set("old", {"养老", "老年"});
  EXPECT_THAT(Search("养老"), ElementsAre("yanglao", "jujia", "laonian"));
  EXPECT_THAT(Search("老年"), ElementsAre("laonian", "jujia", "yanglao"));
  Set("old", {"养老", "老年"}, {}, /*deleted=*/true);
  EXPECT_THAT(Search("养老"), ElementsAre("yanglao"));
}

TEST_F(SynonymsTest, TargetsAreFoundOneWayOnly) {
  Set("old", {"养老"}, {"老年"});
  EXPECT_THAT(Search("养老"), ElementsAre("yanglao", "jujia", "laonian"));
  EXPECT_THAT(Search("老年"), UnorderedElementsAre("laonian", "jujia"));
}

TEST_F(SynonymsTest, ChineseWordsAreSeenInsideLongerOnes) {
  Set("old", {"养老", "老年"});
  // No pair of characters across the seam is asked for: 居家 and 老年.
  EXPECT_THAT(Search("居家养老"), ElementsAre("jujia"));
  EXPECT_THAT(Search("養老服務"), ElementsAre("laonian"));
  EXPECT_THAT(Search("养老护理"), IsEmpty());
}

TEST_F(SynonymsTest, LanguagesMeet) {
  Set("old", {"老年", "Elderly"});
  EXPECT_THAT(Search("elderly"), ElementsAre("care", "jujia", "laonian"));
  EXPECT_THAT(Search("ELDERLY 服务"), ElementsAre("laonian"));
  EXPECT_THAT(Search("老年 house"), ElementsAre("care"));
}

TEST_F(SynonymsTest, WordsTypedOneAfterTheOther) {
  Set("old", {"old people", "elderly"});
  EXPECT_THAT(Search("old people"), ElementsAre("people", "young", "care"));
  EXPECT_THAT(Search("elderly"), UnorderedElementsAre("care", "people", "young"));
  EXPECT_THAT(Search("people old"), UnorderedElementsAre("people", "young"));
  EXPECT_THAT(Search("old-people house"), ElementsAre("care"));
}

TEST_F(SynonymsTest, EightAlternativesAreLookedFor) {
  std::vector<std::string> words;
  for (int i = 0; i < 8; ++i) words.push_back(StrCat("alt", i));
  for (int i = 0; i < 9; ++i) Agency(StrCat("n", i), StrCat("alt", i));
  Set("a", {"typed"}, words);
  Set("b", {"typed"}, {"alt8"});
  EXPECT_EQ(Search("typed").size(), 8u);
  EXPECT_EQ(catalog::Synonyms({{{"typed"}, words}, {{"typed"}, {"alt8"}}}).Find("typed")->size(),
            catalog::kMaxAlternatives);
}

TEST_F(SynonymsTest, PagesOfOtherSynonymsAreNotPutTogether) {
  Set("old", {"养老", "老年"});
  SearchQuery query;
  query.text = "养老";
  query.list.page_size = 1;
  auto page = query::Search(*records_.view(), Tokens(), query);
  ASSERT_TRUE(page.ok());
  query.list.page_token = page->next_page_token;
  ASSERT_FALSE(query.list.page_token.empty());
  Set("other", {"no", "such"});
  EXPECT_TRUE(query::Search(*records_.view(), Tokens(), query).ok());
  Set("old", {"养老", "老年", "敬老"});
  EXPECT_EQ(model::ErrorReason(query::Search(*records_.view(), Tokens(), query).status()),
            model::Reason::kPageTokenMismatch);
}

TEST_F(SynonymsTest, WhatWasFoundIsMarked) {
  Set("old", {"养老", "老年"});
  const auto text = ReadSearchText("居家养老", records_.view()->synonyms());
  ASSERT_TRUE(text.ok());
  const std::vector<TextSpan> spans = FindSpans(*text, "居家老年支持", false);
  ASSERT_EQ(spans.size(), 1u);
  EXPECT_EQ(spans[0].begin, 0);
  EXPECT_EQ(spans[0].end, 4);
}

TEST(SynonymsOfSetsTest, WordsAreFoldedAndCutIntoRuns) {
  const catalog::Synonyms synonyms({{{"ＡＰＰ開發", "old—People's", "!!"}, {}}});
  EXPECT_EQ(catalog::FoldedRuns("ＡＰＰ開發"), "app 开发");
  EXPECT_THAT(*synonyms.Find("app 开发"), ElementsAre("old peoples"));
  EXPECT_THAT(*synonyms.Find("old peoples"), ElementsAre("app 开发"));
  EXPECT_EQ(synonyms.longest(), 2u);
  EXPECT_THAT(synonyms.han_lengths(), IsEmpty());
  EXPECT_TRUE(catalog::Synonyms().empty());
}

}  // namespace
}  // namespace tandem::query
