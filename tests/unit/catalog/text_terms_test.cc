// SPDX-License-Identifier: Apache-2.0

// What texts fold to, which terms they have, how letters read as pinyin, and that postings give
// back what was put in, however segments are copied and merged.
#include "catalog/text_terms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
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

// The terms of some texts, as a row keeps them.
std::string BlockOf(const std::vector<PlacedText>& texts) {
  static auto* const collector = new TermCollector;
  TermList list;
  collector->Collect(texts, &list);
  std::string block(TermBlock::SizeOf(list), '\0');
  TermBlock::Write(list, block.data());
  return block;
}

std::vector<std::string> TermsOf(TextField field, std::string_view text) {
  const std::string block = BlockOf({{field, text}});
  std::vector<std::string> terms;
  TermBlock(block).ForEachText([&](TextField, std::string_view term) { terms.emplace_back(term); });
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
  const std::string block =
      BlockOf({{TextField::kBody, "care home"}, {TextField::kDisplayName, "care"}});
  std::map<std::string, TextField> fields;
  TermBlock(block).ForEachText(
      [&](TextField field, std::string_view term) { fields.emplace(term, field); });
  EXPECT_EQ(fields.at("wcare"), TextField::kDisplayName);
  EXPECT_EQ(fields.at("whome"), TextField::kBody);
  EXPECT_TRUE(TermBlock(block).Has({"wcare", TermQuery::Match::kExact, TextField::kDisplayName}));
  EXPECT_FALSE(TermBlock(block).Has({"whome", TermQuery::Match::kExact, TextField::kOtherName}));
  EXPECT_TRUE(TermBlock(block).Has({"who", TermQuery::Match::kPrefix, TextField::kBody}));
  EXPECT_TRUE(TermBlock(block).Has({"wcrae", TermQuery::Match::kOneTypo, TextField::kBody}));
}

// Every way to ask a block for its terms gives what their texts say.
TEST(TextTermsTest, KeysStandForTexts) {
  const std::string block = BlockOf({{TextField::kDisplayName, "長沙市 Sunshine Care 重庆"},
                                     {TextField::kOtherName, "བོད་ལྗོངས 阿尔 𠮷野家"},
                                     {TextField::kBody, "第12号 sunny 한국"}});
  std::set<std::string> terms;
  TermBlock(block).ForEachText([&](TextField, std::string_view term) { terms.emplace(term); });
  ASSERT_GT(terms.size(), 25u);
  auto has = [&](std::string_view text, TermQuery::Match match) {
    return TermBlock(block).Has({std::string(text), match, TextField::kBody});
  };
  std::set<TermKey> keys;
  for (const std::string& term : terms) {
    const std::optional<TermKey> key = KeyOf(term);
    ASSERT_TRUE(key) << term;
    EXPECT_TRUE(keys.insert(*key).second) << term;
    EXPECT_EQ(IsWordKey(*key), IsWordTerm(term)) << term;
    if (!IsWordKey(*key)) {
      EXPECT_EQ(TextOfKey(*key), term);
    }
    EXPECT_TRUE(has(term, TermQuery::Match::kExact)) << term;
    // Cut at any byte; a cut inside a character may find nothing.
    for (size_t size = 2; size <= term.size(); ++size) {
      const std::string prefix = term.substr(0, size);
      const bool whole = size == term.size() || (term[size] & 0xC0) != 0x80;
      if (whole) {
        EXPECT_TRUE(has(prefix, TermQuery::Match::kPrefix)) << term << " " << size;
      }
      EXPECT_EQ(has(prefix, TermQuery::Match::kExact), terms.contains(prefix)) << prefix;
    }
  }
  // Coded keys are in the order of their texts.
  std::string last;
  for (TermKey key : keys) {
    if (IsWordKey(key)) continue;
    EXPECT_LT(last, TextOfKey(key));
    last = TextOfKey(key);
  }
  for (const char* none : {"h长沙市", "h长沙市民", "pnoone sha", "pchang nix", "pchang", "icsss",
                           "icssssss", "i1", "isé", "wsunshin", "x", "w", "h", ""}) {
    EXPECT_FALSE(has(none, TermQuery::Match::kExact)) << none;
  }
  for (const char* none : {"h沙长", "h长沙市", "pchangs", "pnix", "icb", "icssssss", "i1", "wz"}) {
    EXPECT_FALSE(has(none, TermQuery::Match::kPrefix)) << none;
  }
  for (const char* some : {"h", "i", "p", "a", "w", "pch", "pchang ", "pchang s", "ic", "wsun"}) {
    EXPECT_TRUE(has(some, TermQuery::Match::kPrefix)) << some;
  }
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
  const std::u32string characters = U"长沙市重庆西藏厦门社会工作中心";
  auto term = [&] {
    std::string text = "h" + std::to_string(random() % 400 * (random() % 3 + 1));
    if (random() % 4 != 0) return text;
    text = " ";
    for (int i = 0; i < 3; ++i) AppendUtf8(characters[random() % characters.size()], &text);
    return text;
  };
  constexpr uint32_t kRows = 6000;
  std::map<std::string, std::map<TextField, std::set<uint32_t>>> expected;
  TextPostingsBuilder builder;
  OpenTerms open;
  // The open chains keep views of them.
  std::deque<std::string> blocks;
  for (uint32_t row = 0; row < kRows; ++row) {
    std::string text = row % 2 == 0 ? "common" : "";
    for (int i = 0; i < 4; ++i) text += " " + term();
    const std::string& block =
        blocks.emplace_back(BlockOf({{static_cast<TextField>(row % 3), text}}));
    builder.AddTerms(TermBlock(block));
    builder.EndRow();
    open.Add(row, TermBlock(block));
    TermBlock(block).ForEachText([&](TextField field, std::string_view each) {
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
    bool last_is_word = false;
    for (TermCode code = 0; code < each->terms(); ++code) {
      const bool is_word = !each->word(code).empty();
      if (last_is_word == is_word) {
        EXPECT_LT(last, each->term(code));
      }
      EXPECT_TRUE(is_word || !last_is_word);
      last = each->term(code);
      last_is_word = is_word;
      EXPECT_EQ(each->key(code), KeyOf(last));
      ASSERT_EQ(each->Find(last), code);
      for (TextField field : {TextField::kDisplayName, TextField::kOtherName, TextField::kBody}) {
        const RowSet rows = each->Rows(code, field);
        const std::set<uint32_t> found(rows.rows().begin(), rows.rows().end());
        ASSERT_EQ(found, expected[last][field]) << last;
        if (rows.bits() != nullptr) {
          EXPECT_EQ(rows.bits()->CountCommon(*rows.bits()), rows.size());
        }
      }
    }
    EXPECT_FALSE(each->Find("hnone"));
    for (const char* prefix :
         {"wh1", "w", "h沙", "pchang ", "pch", "ic", "ah", "a长", "wz", "pz x"}) {
      const auto [begin, end] = each->PrefixRange(prefix);
      for (TermCode code = 0; code < each->terms(); ++code) {
        EXPECT_EQ(code >= begin && code < end, each->term(code).starts_with(prefix)) << prefix;
      }
    }
  }
  // What the open chains find is what asking every row's terms finds.
  auto check_open = [&](const TermQuery& query) {
    const auto found = open.Find(query, kRows / 2);
    ASSERT_TRUE(found);
    std::vector<uint16_t> asked;
    for (uint16_t row = 0; row < kRows / 2; ++row) {
      if (TermBlock(blocks[row]).Has(query)) asked.push_back(row);
    }
    ASSERT_EQ(*found, asked) << query.term << " " << static_cast<int>(query.match);
  };
  int round = 0;
  for (const auto& [each, fields] : expected) {
    const auto farthest = static_cast<TextField>(round++ % 3);
    check_open({each, TermQuery::Match::kExact, farthest});
    if (round % 7 != 0) continue;
    for (size_t size = 2; size <= each.size(); ++size) {
      if (size < each.size() && (each[size] & 0xC0) == 0x80) continue;
      check_open({each.substr(0, size), TermQuery::Match::kPrefix, farthest});
    }
    if (IsWordTerm(each)) check_open({each, TermQuery::Match::kOneTypo, farthest});
  }
}

}  // namespace
}  // namespace tandem::catalog
