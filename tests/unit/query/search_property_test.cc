// SPDX-License-Identifier: Apache-2.0

// Random records, texts, filters, orders and page sizes: every page of a search must be what the
// naive evaluator says, on open, sealed and merged segments, after updates, deletes and purges, and
// in either way to fill a page.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "model/error.h"
#include "query/filter_parser.h"
#include "query/search.h"
#include "query/search_levels.h"
#include "support/naive_search.h"
#include "support/reason_matcher.h"
#include "support/record_catalog.h"
#include "tandem/v1/synonym_set.pb.h"
#include "unit/query/random_agency.h"

namespace tandem::query {
namespace {

using catalog::TextField;
using model::RecordType;
using testing::RecordCatalog;

const PageTokens& Tokens() {
  static const PageTokens tokens(std::array<uint8_t, PageTokens::kKeyBytes>{9});
  return tokens;
}

catalog::CatalogOptions Segments(uint32_t rows, uint32_t open_rows) {
  catalog::CatalogOptions options;
  options.segment_rows = rows;
  options.open_rows = open_rows;
  options.merge_fan_in = 3;
  options.background = false;
  return options;
}

class SearchSource {
 public:
  explicit SearchSource(uint32_t seed) : random_(seed), fields_(seed + 1) {}

  uint32_t Below(uint32_t count) { return static_cast<uint32_t>(random_()) % count; }
  bool OneIn(uint32_t count) { return Below(count) == 0; }
  RandomAgencies& fields() { return fields_; }

  std::string Part() {
    static const std::vector<std::string> kParts = {
        "长沙", "长治",   "社工", "服务",  "中心", "市",  "老年", "重庆", "長沙", "乐清",
        "care", "center", "Cart", "shine", "2",    "sun", " ",    "·",    "儿童", "康乐"};
    return kParts[Below(static_cast<uint32_t>(kParts.size()))];
  }
  std::string Name() {
    std::string name;
    for (uint32_t i = 1 + Below(4); i > 0; --i) name += Part() + (OneIn(2) ? " " : "");
    return name;
  }
  std::string Text() {
    static const std::vector<std::string> kTexts = {
        "长沙",        "changsha", "cs",        "zhangsha",  "care",    "cae",
        "cart center", "csg",      "长",        "乐",        "yueqing", "chongq",
        "社工服务",    "长沙社工", "老年 care", "x",         "市中心",  "ｃａｒｅ",
        "!!",          "社会",     "2",         "康乐 儿童", "sunshin", "lqsg"};
    if (OneIn(3)) return Name();
    return kTexts[Below(static_cast<uint32_t>(kTexts.size()))];
  }
  std::shared_ptr<const v1::Agency> Agency(const std::string& id) {
    auto agency = std::make_shared<v1::Agency>(*fields_.Agency(id));
    agency->set_display_name(OneIn(8) ? Part() : Name());
    agency->clear_names();
    agency->clear_former_names();
    if (OneIn(2)) agency->add_names()->set_text(Name());
    if (OneIn(3)) agency->add_former_names(Name());
    if (OneIn(2)) agency->set_what_we_do(Name() + Name());
    agency->clear_location();
    if (!OneIn(3)) {
      agency->mutable_location()->set_latitude_e7(280000000 + static_cast<int>(Below(20)) * 100000);
      agency->mutable_location()->set_longitude_e7(1120000000 +
                                                   static_cast<int>(Below(20)) * 100000);
    }
    return agency;
  }

  std::shared_ptr<const v1::SynonymSet> Synonyms(const std::string& id) {
    auto set = std::make_shared<v1::SynonymSet>();
    set->set_name("synonymSets/" + id);
    for (uint32_t i = 2 + Below(3); i > 0; --i) set->add_words(OneIn(3) ? Text() : Part());
    for (uint32_t i = OneIn(3) ? 1 + Below(3) : 0; i > 0; --i) set->add_targets(Part());
    if (OneIn(5)) set->mutable_delete_time()->set_seconds(1);
    return set;
  }

 private:
  std::mt19937 random_;
  RandomAgencies fields_;
};

std::optional<int64_t> Distance(const v1::Agency& agency, const SearchQuery& query) {
  if (!agency.has_location() || !query.near) return std::nullopt;
  return DistanceMetres(query.near->place,
                        {agency.location().latitude_e7(), agency.location().longitude_e7()});
}

// What a search must give, all pages together, and whether loosely.
struct Expectation {
  std::vector<std::string> ids;
  bool loose = false;
};

Expectation Expected(RecordCatalog& records, const SearchQuery& query) {
  Expectation expected;
  const auto text = ReadSearchText(query.text, records.view()->synonyms());
  auto filter = ParseFilter(query.list.filter);
  EXPECT_TRUE(text.ok() && filter.ok());
  const testing::ParentNames parents = records.parents();
  const std::vector<RankedWord> ranked =
      RankWords(*text, *records.view(), RecordType::kAgency,
                query.names_only ? TextField::kOtherName : TextField::kBody);
  const bool by_relevance = query.list.order_by.empty() || query.list.order_by == "relevance";
  for (const bool loose : {false, true}) {
    std::vector<std::pair<int, const v1::Agency*>> found;
    for (const auto& [name, record] : records.records(RecordType::kAgency)) {
      const auto& agency = static_cast<const v1::Agency&>(*record);
      if (agency.has_delete_time() || !testing::NaiveMatches(*filter, agency, parents)) continue;
      if (query.near && query.near->radius_metres > 0) {
        const auto metres = Distance(agency, query);
        if (!metres || *metres > query.near->radius_metres) continue;
      }
      int level = 0;
      if (!text->typed.empty()) {
        level = text->words.empty() ? -1
                                    : testing::NaiveLevel(agency, RecordType::kAgency, *text,
                                                          query.names_only, loose, ranked);
      }
      if (level >= 0) found.emplace_back(by_relevance ? level : 0, &agency);
    }
    std::sort(found.begin(), found.end(), [&](const auto& a, const auto& b) {
      if (a.first != b.first) return a.first < b.first;
      if (query.list.order_by == "distance") {
        const int64_t left = Distance(*a.second, query).value_or(kFarthestMetres);
        const int64_t right = Distance(*b.second, query).value_or(kFarthestMetres);
        return left != right ? left < right : a.second->name() < b.second->name();
      }
      const bool listed = !by_relevance && query.list.order_by != "rating";
      return testing::NaiveBefore(*a.second, *b.second,
                                  listed ? query.list.order_by : "assessment.points desc");
    });
    for (const auto& [level, agency] : found) expected.ids.push_back(agency->name().substr(9));
    expected.loose = loose && !found.empty();
    if (!found.empty() || text->words.empty() || !text->has_loose()) return expected;
  }
  return expected;
}

Expectation Found(const catalog::View& view, SearchQuery query, int* by_levels) {
  Expectation found;
  do {
    SearchStats stats;
    auto page = Search(view, Tokens(), query, &stats);
    if (!page.ok()) {
      ADD_FAILURE() << page.status();
      return found;
    }
    *by_levels += stats.levels_filled > 0 ? 1 : 0;
    EXPECT_LE(page->rows.size(), static_cast<size_t>(query.list.page_size));
    EXPECT_TRUE(page->next_page_token.empty() || !page->rows.empty());
    for (const SearchRow& row : page->rows) found.ids.push_back(row.id);
    found.loose = page->loose;
    query.list.page_token = page->next_page_token;
  } while (!query.list.page_token.empty() && found.ids.size() < 100'000);
  return found;
}

// Counts of a field over the results, naively.
std::map<std::string, int64_t> NaiveGrades(RecordCatalog& records,
                                           const std::vector<std::string>& ids) {
  std::map<std::string, int64_t> counts;
  for (const std::string& id : ids) {
    const auto& agency =
        static_cast<const v1::Agency&>(*records.records(RecordType::kAgency).at("agencies/" + id));
    std::set<std::string> dimensions;
    for (int value : agency.dimensions()) {
      dimensions.insert(v1::Dimension_Name(static_cast<v1::Dimension>(value)));
    }
    for (const std::string& value : dimensions) ++counts[value];
  }
  return counts;
}

class SearchPropertyTest : public ::testing::TestWithParam<uint32_t> {};

TEST_P(SearchPropertyTest, PagesAreWhatTheOracleSays) {
  SearchSource source(GetParam());
  RecordCatalog records(Segments(96, 24));
  records.Put(RecordType::kRegion, source.fields().Regions());
  records.Put(RecordType::kServiceCategory, source.fields().Categories());
  int by_levels = 0, some = 0, loose = 0;
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < 40; ++i) {
      records.Put(RecordType::kAgency, source.Agency(std::to_string(source.Below(180))));
    }
    if (source.OneIn(2)) {
      records.Purge(RecordType::kAgency,
                    testing::NameOf(*records.records(RecordType::kAgency).begin()->second));
    }
    if (round > 2) {
      records.Put(RecordType::kSynonymSet, source.Synonyms(std::to_string(source.Below(4))));
    }
    while (!source.OneIn(4) && records.catalog().Maintain()) {
    }
    for (int i = 0; i < 40; ++i) {
      SearchQuery query;
      query.text = source.OneIn(12) ? "" : source.Text();
      query.names_only = source.OneIn(4);
      if (source.OneIn(3)) query.list.filter = source.fields().Filter();
      if (source.OneIn(3)) {
        query.near = NearPlace{{281000000, 1121000000},
                               source.OneIn(2) ? 0 : static_cast<int64_t>(source.Below(20000))};
      }
      switch (source.Below(5)) {
        case 0:
          query.list.order_by = "rating";
          break;
        case 1:
          query.list.order_by = query.near ? "distance" : "display_name desc";
          break;
        default:
          query.list.order_by = source.OneIn(2) ? "" : "relevance";
      }
      query.list.page_size = static_cast<int32_t>(1 + source.Below(source.OneIn(2) ? 4 : 60));
      SCOPED_TRACE("text: " + query.text + " filter: " + query.list.filter +
                   " order: " + query.list.order_by);
      const Expectation expected = Expected(records, query);
      const Expectation found = Found(*records.view(), query, &by_levels);
      ASSERT_EQ(found.ids, expected.ids);
      EXPECT_EQ(found.loose, expected.loose);
      some += expected.ids.empty() ? 0 : 1;
      loose += expected.loose ? 1 : 0;

      query.facets = {"dimensions"};
      auto counted = Search(*records.view(), Tokens(), query);
      ASSERT_TRUE(counted.ok()) << counted.status();
      EXPECT_EQ(counted->total, static_cast<int64_t>(expected.ids.size()));
      std::map<std::string, int64_t> counts;
      for (const FacetValue& value : counted->facets.at(0).values) {
        counts[value.value] = value.count;
      }
      EXPECT_EQ(counts, NaiveGrades(records, expected.ids));
    }
  }
  EXPECT_GT(some, 100);
  EXPECT_GT(loose, 3);
  EXPECT_GT(by_levels, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, SearchPropertyTest, ::testing::Range(1U, 9U));

// More results than are ranked at once: filled level by level, page by page.
TEST(SearchTest, BroadTextsAreFilledLevelByLevel) {
  SearchSource source(77);
  RecordCatalog records(Segments(4096, 512));
  for (int i = 0; i < 6000; ++i) {
    records.Put(RecordType::kAgency, source.Agency(std::to_string(i)));
  }
  while (records.catalog().Maintain()) {
  }
  for (const char* text : {"长沙", "care", "长沙 care", "changsha", "服务 中心 care", "长"}) {
    SCOPED_TRACE(text);
    SearchQuery query;
    query.text = text;
    query.list.page_size = 997;
    int by_levels = 0;
    const Expectation found = Found(*records.view(), query, &by_levels);
    EXPECT_EQ(found.ids, Expected(records, query).ids);
    EXPECT_GT(found.ids.size(), 10u);
  }
}

// Records that stay as they are come exactly once, whatever is written between the pages.
TEST(SearchTest, PagesAreStableWhileWriting) {
  SearchSource source(5);
  RecordCatalog records(Segments(128, 32));
  std::set<std::string> steady;
  for (int i = 0; i < 300; ++i) {
    auto agency = std::make_shared<v1::Agency>(*source.Agency("steady" + std::to_string(i)));
    agency->clear_delete_time();
    agency->set_display_name("长沙 " + agency->display_name());
    records.Put(RecordType::kAgency, agency);
    steady.insert(agency->name().substr(9));
  }
  SearchQuery query;
  query.text = "长沙";
  query.list.page_size = 7;
  std::multiset<std::string> seen;
  do {
    auto page = Search(*records.view(), Tokens(), query);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const SearchRow& row : page->rows) seen.insert(row.id);
    query.list.page_token = page->next_page_token;
    for (int i = 0; i < 25; ++i) {
      records.Put(RecordType::kAgency, source.Agency("other" + std::to_string(source.Below(60))));
    }
    if (source.OneIn(2)) records.catalog().Maintain();
  } while (!query.list.page_token.empty());
  for (const std::string& id : steady) EXPECT_EQ(seen.count(id), 1u) << id;
}

TEST(SearchTest, RefusesWhatIsWrong) {
  RecordCatalog records(Segments(64, 16));
  auto reason = [&](auto&& change, RecordType type = RecordType::kAgency) {
    SearchQuery query;
    query.list.type = type;
    query.text = "长沙";
    change(query);
    return Search(*records.view(), Tokens(), query).status();
  };
  using model::Reason;
  using support::HasReason;
  EXPECT_THAT(reason([](auto& q) { q.text = "\xff"; }), HasReason(Reason::kFieldInvalid));
  EXPECT_TRUE(reason([](auto& q) { q.text = std::string(200, 'x'); }).ok());
  EXPECT_THAT(reason([](auto& q) { q.text = std::string(201, 'x'); }),
              HasReason(Reason::kFieldInvalid));
  EXPECT_TRUE(reason([](auto& q) { q.text = "a b c d e f g h i j k l m n o p"; }).ok());
  EXPECT_THAT(reason([](auto& q) { q.text = "a b c d e f g h i j k l m n o p q"; }),
              HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(reason([](auto& q) { q.list.page_size = -1; }), HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(reason([](auto& q) { q.list.order_by = "distance"; }),
              HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(reason([](auto& q) { q.list.order_by = "staff.total"; }),
              HasReason(Reason::kOrderInvalid));
  EXPECT_THAT(reason([](auto& q) { q.list.filter = "nothing = 1"; }),
              HasReason(Reason::kFilterInvalid));
  EXPECT_THAT(reason([](auto& q) { q.facets = {"display_name"}; }),
              HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(reason([](auto& q) { q.facets.assign(9, "status"); }),
              HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(reason([](auto& q) { q.near.emplace(); }, RecordType::kServiceCategory),
              HasReason(Reason::kFieldInvalid));
  EXPECT_THAT(reason([](auto& q) { q.list.page_token = "AAAA"; }),
              HasReason(Reason::kPageTokenInvalid));
}

TEST(SearchTest, RegionsAreCountedAtALevel) {
  RecordCatalog records(Segments(64, 16));
  auto region = [&](const std::string& id, v1::RegionLevel level, const std::string& parent) {
    auto made = std::make_shared<v1::Region>();
    made->set_name("regions/" + id);
    made->set_level(level);
    if (!parent.empty()) made->set_parent_region("regions/" + parent);
    records.Put(RecordType::kRegion, made);
  };
  region("p", v1::REGION_LEVEL_PROVINCE, "");
  region("c1", v1::REGION_LEVEL_COUNTY, "p");
  region("c2", v1::REGION_LEVEL_COUNTY, "p");
  int number = 0;
  for (const char* home : {"c1", "c1", "c2", "p"}) {
    auto agency = std::make_shared<v1::Agency>();
    agency->set_name("agencies/a" + std::to_string(++number));
    agency->set_home_region(std::string("regions/") + home);
    records.Put(RecordType::kAgency, agency);
  }
  for (bool sealed : {false, true}) {
    while (sealed && records.catalog().Maintain()) {
    }
    SearchQuery query;
    query.facets = {"home_region@province", "home_region@county", "home_region"};
    auto page = Search(*records.view(), Tokens(), query);
    ASSERT_TRUE(page.ok()) << page.status();
    auto counts = [&](size_t facet) {
      std::map<std::string, int64_t> by_value;
      for (const FacetValue& value : page->facets.at(facet).values) {
        by_value[value.value] = value.count;
      }
      return by_value;
    };
    using Counts = std::map<std::string, int64_t>;
    EXPECT_EQ(page->facets.at(0).field, "home_region@province");
    EXPECT_EQ(counts(0), (Counts{{"regions/p", 4}}));
    EXPECT_EQ(counts(1), (Counts{{"regions/c1", 2}, {"regions/c2", 1}}));
    EXPECT_EQ(counts(2), (Counts{{"regions/p", 4}, {"regions/c1", 2}, {"regions/c2", 1}}));
    for (const char* wrong : {"home_region@", "home_region@village", "status@county",
                              "home_region@unspecified", "categories.category@county"}) {
      query.facets = {wrong};
      EXPECT_EQ(model::ErrorReason(Search(*records.view(), Tokens(), query).status()),
                model::Reason::kFieldInvalid)
          << wrong;
    }
  }
}

TEST(SearchTest, TakesAnyText) {
  SearchSource source(4);
  RecordCatalog records(Segments(64, 16));
  for (int i = 0; i < 100; ++i) {
    records.Put(RecordType::kAgency, source.Agency(std::to_string(i)));
  }
  std::mt19937 random(6);
  for (int i = 0; i < 3000; ++i) {
    SearchQuery query;
    for (uint32_t k = random() % 20; k > 0; --k) query.text.push_back(static_cast<char>(random()));
    static_cast<void>(Search(*records.view(), Tokens(), query));
  }
}

}  // namespace
}  // namespace tandem::query
