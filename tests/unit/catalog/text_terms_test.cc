// SPDX-License-Identifier: Apache-2.0

// What texts fold to, which terms they have, how letters read as pinyin, and that postings give
// back what was put in, however segments are copied and merged.
#include "catalog/text_terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "catalog/text_fold.h"
#include "catalog/text_open.h"
#include "catalog/text_pinyin.h"
#include "catalog/text_postings.h"

namespace tandem::catalog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::vector<std::string> TermsOf(TextField field, std::string_view text) {
  TermCollector collector;
  collector.Add(field, text);
  const std::string block = collector.Take();
  std::vector<std::string> terms;
  TermBlock(block).ForEach([&](TextField, std::string_view term) { terms.emplace_back(term); });
  return terms;
}

TEST(TextFoldTest, UnifiesFormsCaseAndScripts) {
  const std::vector<std::pair<std::string, std::string>> golden = {
      {"長沙縣", "长沙县"},
      {"西藏自治區", "西藏自治区"},
      {"重慶", "重庆"},
      {"臺灣", "台湾"},
      {"ＡＢＣ　１２３", "abc 123"},
      {"Ｃａｒｅ－Center", "care center"},
      {"STRASSE straße", "strasse strasse"},
      {"  长沙（市）  ", "长沙 市"},
      {"\u2167 \uFB01ve", "viii five"},
      {"e\u0301cole", "\u00E9cole"},
      {"Xi'an xi\u2019an", "xian xian"},
      {"", ""},
      {"——！", ""},
  };
  for (const auto& [text, folded] : golden) EXPECT_EQ(FoldedUtf8(text), folded) << text;
  // Folding what is folded changes nothing.
  for (const auto& [text, folded] : golden) EXPECT_EQ(FoldedUtf8(folded), folded);
}

TEST(TextFoldTest, TakesAnyBytes) {
  std::mt19937 random(3);
  std::u32string folded;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    for (uint32_t i = random() % 24; i > 0; --i) bytes.push_back(static_cast<char>(random()));
    FoldText(bytes, &folded);
    EXPECT_LE(folded.size(), 18 * bytes.size() + 1);
    TermsOf(TextField::kDisplayName, bytes);
  }
}

TEST(TextTermsTest, ChineseNames) {
  EXPECT_THAT(TermsOf(TextField::kDisplayName, "長沙市"),
              UnorderedElementsAre("h长沙", "h沙市", "h市", "pzhang sha", "pchang sha", "psha shi",
                                   "pshi ", "izss", "icss", "a长沙"));
  // No pinyin of descriptions.
  EXPECT_THAT(TermsOf(TextField::kBody, "长沙市"), UnorderedElementsAre("h长沙", "h沙市", "h市"));
}

TEST(TextTermsTest, EveryCommonReadingOfPlaceNames) {
  const std::vector<std::pair<std::string, std::string>> golden = {
      {"西藏", "pxi zang"},  {"厦门", "pxia men"},  {"重庆", "pchong qing"}, {"长沙", "pchang sha"},
      {"乐清", "pyue qing"}, {"六安", "plu an"},    {"蚌埠", "pbeng bu"},    {"浚县", "pxun xian"},
      {"番禺", "ppan yu"},   {"铅山", "pyan shan"}, {"单县", "pshan xian"},  {"大埔", "pda bu"},
      {"涡阳", "pguo yang"}, {"吕梁", "plv liang"}, {"吕梁", "plu liang"},   {"东阿", "pdong e"},
      {"亳州", "pbo zhou"},  {"莘县", "pshen xian"}};
  for (const auto& [name, term] : golden) {
    EXPECT_THAT(TermsOf(TextField::kDisplayName, name), Contains(term)) << name;
  }
}

TEST(TextTermsTest, OtherScriptsAndMixedOnes) {
  EXPECT_THAT(TermsOf(TextField::kOtherName, "Sunshine Care 2 中心"),
              IsSupersetOf({"wsunshine", "wcare", "w2", "h中心", "h心", "pzhong xin", "izx"}));
  EXPECT_THAT(TermsOf(TextField::kOtherName, "བོད་ལྗོངས"), Not(::testing::IsEmpty()));
  EXPECT_THAT(TermsOf(TextField::kBody, "第12号"), UnorderedElementsAre("h第", "w12", "h号"));
}

TEST(TextTermsTest, LimitsHold) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "w" + std::to_string(i) + " ";
  EXPECT_EQ(TermsOf(TextField::kBody, text).size(), kMaxTerms);
  for (const std::string& term : TermsOf(TextField::kBody, std::string(5000, 'x'))) {
    EXPECT_LE(term.size(), kMaxWordBytes);
  }
}

TEST(TextTermsTest, TheClosestFieldCounts) {
  TermCollector collector;
  collector.Add(TextField::kDisplayName, "care");
  collector.Add(TextField::kBody, "care home");
  const std::string block = collector.Take();
  std::map<std::string, TextField> fields;
  TermBlock(block).ForEach(
      [&](TextField field, std::string_view term) { fields.emplace(term, field); });
  EXPECT_EQ(fields.at("wcare"), TextField::kDisplayName);
  EXPECT_EQ(fields.at("whome"), TextField::kBody);
  EXPECT_TRUE(TermBlock(block).Has({"wcare", TermQuery::Match::kExact, TextField::kDisplayName}));
  EXPECT_FALSE(TermBlock(block).Has({"whome", TermQuery::Match::kExact, TextField::kOtherName}));
  EXPECT_TRUE(TermBlock(block).Has({"who", TermQuery::Match::kPrefix, TextField::kBody}));
  EXPECT_TRUE(TermBlock(block).Has({"wcrae", TermQuery::Match::kOneTypo, TextField::kBody}));
}

TEST(TextTermsTest, OneEdit) {
  for (const char* near : {"care", "car", "cares", "acre", "core", "ccare", "are", "cara"}) {
    EXPECT_TRUE(WithinOneEdit("care", near)) << near;
    EXPECT_TRUE(WithinOneEdit(near, "care")) << near;
  }
  for (const char* far : {"ca", "scares", "race", "caer2", "", "erac"}) {
    EXPECT_FALSE(WithinOneEdit("care", far)) << far;
  }
  EXPECT_TRUE(WithinOneEdit("école", "ecole"));
}

std::vector<std::string> Readings(std::string_view letters) {
  std::vector<std::string> out;
  for (const PinyinReading& reading : ReadAsPinyin(letters, 8)) {
    std::string text;
    for (std::string_view part : reading.syllables)
      text += (text.empty() ? "" : " ") + std::string(part);
    out.push_back(text + (reading.last_is_partial ? "…" : ""));
  }
  return out;
}

TEST(PinyinTest, LettersReadAsSyllables) {
  EXPECT_THAT(Readings("changsha"), Contains("chang sha"));
  EXPECT_THAT(Readings("xian"), IsSupersetOf({"xian", "xi an"}));
  EXPECT_THAT(Readings("changsh"), Contains("chang sh…"));
  EXPECT_THAT(Readings("lvliang"), Contains("lv liang"));
  EXPECT_THAT(Readings("bxq"), ::testing::IsEmpty());
  EXPECT_THAT(Readings("Changsha"), ::testing::IsEmpty());
  EXPECT_THAT(Readings(""), ::testing::IsEmpty());
  // Letters with very many readings end at the limit.
  EXPECT_EQ(Readings(std::string(40, 'a')).size(), 1u);
  EXPECT_LE(Readings("xianxianxianxianxianxianxianxianxianxian").size(), 8u);
}

// Random rows of few terms, in a builder, copied in two halves, and in open chains: all the same.
TEST(TextPostingsTest, GiveBackWhatWasPutIn) {
  std::mt19937 random(5);
  auto term = [&] { return "h" + std::to_string(random() % 400 * (random() % 3 + 1)); };
  constexpr uint32_t kRows = 6000;
  std::map<std::string, std::map<TextField, std::set<uint32_t>>> expected;
  TextPostingsBuilder builder;
  OpenTerms open(kRows);
  for (uint32_t row = 0; row < kRows; ++row) {
    TermCollector collector;
    std::string text = row % 2 == 0 ? "common" : "";
    for (int i = 0; i < 4; ++i) text += " " + term();
    collector.Add(static_cast<TextField>(row % 3), text);
    const std::string block = collector.Take();
    builder.AddBlock(TermBlock(block));
    builder.EndRow();
    open.Add(row, TermBlock(block));
    TermBlock(block).ForEach([&](TextField field, std::string_view each) {
      expected[std::string(each)][field].insert(row);
    });
  }
  const auto postings = builder.Finish();
  TextPostingsCopier copier(*postings);
  TextPostingsBuilder second;
  for (uint32_t row = 0; row < kRows; ++row) {
    copier.CopyRow(row, &second);
    second.EndRow();
  }
  const auto copied = second.Finish();
  ASSERT_EQ(postings->terms(), expected.size());
  for (const TextPostings* each : {postings.get(), copied.get()}) {
    std::string last;
    for (TermCode code = 0; code < each->terms(); ++code) {
      EXPECT_LT(last, each->term(code));
      last = each->term(code);
      ASSERT_EQ(each->Find(last), code);
      for (TextField field : {TextField::kDisplayName, TextField::kOtherName, TextField::kBody}) {
        const RowSet rows = each->Rows(code, field);
        const std::set<uint32_t> found(rows.rows().begin(), rows.rows().end());
        ASSERT_EQ(found, expected[last][field]) << last;
        if (rows.bitmap() != nullptr) {
          EXPECT_EQ(rows.bitmap()->cardinality(), rows.size());
        }
      }
    }
    EXPECT_FALSE(each->Find("hnone"));
    auto [begin, end] = each->PrefixRange("wh1");
    for (TermCode code = 0; code < each->terms(); ++code) {
      EXPECT_EQ(code >= begin && code < end, each->term(code).starts_with("wh1"));
    }
  }
  for (const auto& [each, fields] : expected) {
    const auto rows = open.Find(each, TextField::kBody, kRows / 2);
    ASSERT_TRUE(rows);
    for (const auto& [field, having] : fields) {
      for (uint32_t row : having) {
        EXPECT_EQ(row < kRows / 2, std::binary_search(rows->begin(), rows->end(), row));
      }
    }
  }
}

}  // namespace
}  // namespace tandem::catalog
