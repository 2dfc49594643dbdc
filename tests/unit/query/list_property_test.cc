// SPDX-License-Identifier: Apache-2.0

// Random records, filters, orders and page sizes: every page must be what the naive evaluator says,
// on open and sealed segments, after updates, deletes, purges and moved regions, and by either way
// to fill a page.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "model/error.h"
#include "query/executor.h"
#include "query/filter_parser.h"
#include "support/record_catalog.h"
#include "unit/query/random_agency.h"

namespace tandem::query {
namespace {

using model::RecordType;
using testing::RecordCatalog;

const PageTokens& Tokens() {
  static const PageTokens tokens(std::array<uint8_t, PageTokens::kKeyBytes>{7});
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

bool IsMerged(const google::protobuf::Message& record) {
  const auto* merged_into = record.GetDescriptor()->FindFieldByName("merged_into");
  return merged_into != nullptr && !record.GetReflection()->GetString(record, merged_into).empty();
}

bool AsksForMerged(const std::string& filter) {
  return filter.find("merged_into") != std::string::npos ||
         filter.find("status = AGENCY_STATUS_MERGED") != std::string::npos;
}

// A random agency, one in eight of them merged into another.
std::shared_ptr<const v1::Agency> AgencyOrMerged(RandomAgencies& random, const std::string& id) {
  auto agency = std::make_shared<v1::Agency>(*random.Agency(id));
  if (random.OneIn(8)) {
    agency->set_status(v1::AGENCY_STATUS_MERGED);
    agency->set_merged_into("agencies/" + std::to_string(random.Below(150)));
  }
  return agency;
}

std::vector<std::string> Expected(RecordCatalog& records, const ListQuery& query) {
  auto tree = ParseFilter(query.filter);
  EXPECT_TRUE(tree.ok()) << tree.status();
  const testing::ParentNames parents = records.parents();
  std::vector<const google::protobuf::Message*> found;
  for (const auto& [name, record] : records.records(query.type)) {
    const auto* deleted = record->GetDescriptor()->FindFieldByName("delete_time");
    if (!query.show_deleted && record->GetReflection()->HasField(*record, deleted)) continue;
    if (!query.show_deleted && IsMerged(*record) && !AsksForMerged(query.filter)) continue;
    if (testing::NaiveMatches(*tree, *record, parents)) found.push_back(record.get());
  }
  std::sort(found.begin(), found.end(), [&](const auto* left, const auto* right) {
    return testing::NaiveBefore(*left, *right, query.order_by);
  });
  std::vector<std::string> ids;
  for (const auto* record : found) {
    const std::string name = testing::NameOf(*record);
    ids.push_back(name.substr(name.find('/') + 1));
  }
  return ids;
}

// How the pages of a test were filled.
struct Ways {
  int sorted = 0;
  int walked = 0;
  int gave_up = 0;
};

// All pages, one after the other.
std::vector<std::string> Listed(const catalog::View& view, ListQuery query, Ways* ways) {
  std::vector<std::string> ids;
  do {
    ListStats stats;
    auto page = List(view, Tokens(), query, &stats);
    if (!page.ok()) {
      ADD_FAILURE() << query.filter << ": " << page.status();
      return ids;
    }
    ways->gave_up += stats.gave_up_walk ? 1 : 0;
    ++(stats.walked ? ways->walked : ways->sorted);
    EXPECT_LE(page->rows.size(), static_cast<size_t>(query.page_size));
    EXPECT_TRUE(page->next_page_token.empty() || !page->rows.empty());
    for (const ListRow& row : page->rows) ids.push_back(row.id);
    query.page_token = page->next_page_token;
  } while (!query.page_token.empty() && ids.size() < 100'000);
  return ids;
}

class ListPropertyTest : public ::testing::TestWithParam<uint32_t> {};

TEST_P(ListPropertyTest, PagesAreWhatTheOracleSays) {
  RandomAgencies random(GetParam());
  RecordCatalog records(Segments(64, 16));
  records.Put(RecordType::kRegion, random.Regions());
  records.Put(RecordType::kServiceCategory, random.Categories());
  Ways ways;
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 40; ++i) {
      const std::string id = std::to_string(random.Below(150));
      records.Put(RecordType::kAgency, AgencyOrMerged(random, id));
    }
    if (random.OneIn(2)) {
      records.Purge(RecordType::kAgency,
                    testing::NameOf(*records.records(RecordType::kAgency).begin()->second));
    }
    if (random.OneIn(3)) records.Put(RecordType::kRegion, random.MovedRegion());
    // Sometimes rows wait in open segments and closures are out of date, sometimes everything is
    // sealed.
    while (!random.OneIn(4) && records.catalog().Maintain()) {
    }
    for (int i = 0; i < 40; ++i) {
      ListQuery query;
      query.type = RecordType::kAgency;
      query.filter = random.OneIn(6) ? "" : random.Filter();
      if (random.OneIn(8)) {
        query.filter += (query.filter.empty() ? "" : " AND ") +
                        std::string(random.OneIn(2) ? "merged_into:*" : "merged_into != x");
      } else if (random.OneIn(8)) {
        query.filter += (query.filter.empty() ? "" : " AND ") +
                        std::string(random.OneIn(2) ? "status = AGENCY_STATUS_MERGED"
                                                    : "status != AGENCY_STATUS_MERGED");
      }
      query.order_by = random.OrderBy();
      query.show_deleted = random.OneIn(3);
      query.page_size = 1 + random.Below(random.OneIn(2) ? 3 : 60);
      SCOPED_TRACE("filter: " + query.filter + " order: " + query.order_by);
      ASSERT_EQ(Listed(*records.view(), query, &ways), Expected(records, query));
    }
  }
  EXPECT_GT(ways.sorted, 0);
  EXPECT_GT(ways.walked, 0);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ListPropertyTest, ::testing::Range(1U, 9U));

TEST(ListPropertyTest, LargeGroupsOfEqualValuesAreWalkedByName) {
  RandomAgencies random(99);
  RecordCatalog records(Segments(8192, 8192));
  std::vector<std::shared_ptr<const google::protobuf::Message>> agencies;
  for (int i = 0; i < 8192; ++i) agencies.push_back(random.Agency(std::to_string(i * 7919 % 8192)));
  records.Put(RecordType::kAgency, agencies);
  while (records.catalog().Maintain()) {
  }
  Ways ways;
  for (const char* order : {"assessment.points", "assessment.points desc", "display_name desc",
                            "assessment.points desc, name desc", "display_name", "update_time"}) {
    for (const char* filter : {"", "status = AGENCY_STATUS_ACTIVE", "NOT languages:\"bo\""}) {
      ListQuery query;
      query.filter = filter;
      query.order_by = order;
      query.page_size = 97;
      SCOPED_TRACE(std::string(filter) + " order " + order);
      ASSERT_EQ(Listed(*records.view(), query, &ways), Expected(records, query));
    }
  }
  EXPECT_GT(ways.walked, ways.sorted);
}

TEST(ListPropertyTest, AWalkThatFindsNothingIsGivenUp) {
  RecordCatalog records(Segments(8192, 8192));
  std::vector<std::shared_ptr<const google::protobuf::Message>> agencies;
  for (int i = 0; i < 8192; ++i) {
    // Both halves are common; nobody is in both.
    auto agency = std::make_shared<v1::Agency>();
    agency->set_name("agencies/" + std::to_string(i));
    agency->set_status(i % 2 == 0 ? v1::AGENCY_STATUS_ACTIVE : v1::AGENCY_STATUS_ENDED);
    agency->set_owner(i % 2 == 0 ? "even" : "odd");
    agencies.push_back(std::move(agency));
  }
  records.Put(RecordType::kAgency, agencies);
  while (records.catalog().Maintain()) {
  }
  ListQuery query;
  query.filter = "status = AGENCY_STATUS_ACTIVE AND owner = odd";
  query.page_size = 2;
  ListStats stats;
  auto page = List(*records.view(), Tokens(), query, &stats);
  ASSERT_TRUE(page.ok());
  EXPECT_TRUE(page->rows.empty());
  EXPECT_EQ(page->next_page_token, "");
}

TEST(ListPropertyTest, TheScopeIsPartOfEveryAnswer) {
  RandomAgencies random(5);
  RecordCatalog records(Segments(64, 16));
  records.Put(RecordType::kRegion, random.Regions());
  records.Put(RecordType::kServiceCategory, random.Categories());
  for (int i = 0; i < 300; ++i) {
    records.Put(RecordType::kAgency, random.Agency(std::to_string(i)));
    records.catalog().Maintain();
  }
  Ways ways;
  for (int i = 0; i < 60; ++i) {
    ListQuery query;
    query.filter = random.Filter();
    query.order_by = random.OrderBy();
    query.page_size = 10;
    ListQuery spelled = query;
    query.scope = Scope{{"regions/r0", "regions/r5"}, {"serviceCategories/c1"}, "east"};
    spelled.filter = "(" + query.filter +
                     R"() AND (within("regions/r0") OR within("regions/r5")))" +
                     R"( AND offers("serviceCategories/c1") AND owner = "east")";
    SCOPED_TRACE(spelled.filter);
    ASSERT_EQ(Listed(*records.view(), query, &ways), Expected(records, spelled));
    int64_t count = 0;
    ASSERT_TRUE(ForEachMatch(*records.view(), query, [&](const catalog::RowRef&) {
                  ++count;
                  return true;
                }).ok());
    EXPECT_EQ(count, static_cast<int64_t>(Expected(records, spelled).size()));
  }
}

TEST(ListPropertyTest, RegionsAreWithinThemselves) {
  RandomAgencies random(6);
  RecordCatalog records(Segments(64, 4));
  records.Put(RecordType::kRegion, random.Regions());
  Ways ways;
  for (int i = 0; i < 50; ++i) {
    records.Put(RecordType::kRegion, random.MovedRegion());
    if (random.OneIn(2)) records.catalog().Maintain();
    ListQuery query;
    query.type = RecordType::kRegion;
    query.filter = "within(\"regions/r" + std::to_string(random.Below(13)) + "\")";
    query.page_size = 5;
    ASSERT_EQ(Listed(*records.view(), query, &ways), Expected(records, query)) << query.filter;
  }
}

TEST(ListTest, RefusesWrongArguments) {
  RecordCatalog records(Segments(64, 4));
  ListQuery query;
  query.page_size = -1;
  EXPECT_EQ(model::ErrorReason(List(*records.view(), Tokens(), query).status()),
            model::Reason::kFieldInvalid);
  query.page_size = 0;
  query.parent = "agencies/a";
  EXPECT_EQ(model::ErrorReason(List(*records.view(), Tokens(), query).status()),
            model::Reason::kFieldInvalid);
}

TEST(ListTest, StopsForTheCaller) {
  RecordCatalog records(Segments(64, 4));
  ListQuery query;
  query.deadline = absl::InfinitePast();
  EXPECT_EQ(model::ErrorReason(List(*records.view(), Tokens(), query).status()),
            model::Reason::kDeadlineExceeded);
  query.deadline = absl::InfiniteFuture();
  std::atomic<bool> cancelled = true;
  query.cancelled = &cancelled;
  EXPECT_EQ(model::ErrorReason(List(*records.view(), Tokens(), query).status()),
            model::Reason::kCancelled);
}

TEST(ListTest, TakesThePageSizeItIsGiven) {
  RecordCatalog records(Segments(4096, 64));
  RandomAgencies random(1);
  std::vector<std::shared_ptr<const google::protobuf::Message>> agencies;
  for (int i = 0; i < 1200; ++i) {
    auto agency = std::make_shared<v1::Agency>();
    agency->set_name("agencies/" + std::to_string(i));
    agencies.push_back(std::move(agency));
  }
  records.Put(RecordType::kAgency, agencies);
  ListQuery query;
  EXPECT_EQ(List(*records.view(), Tokens(), query)->rows.size(), 50u);
  query.page_size = 5000;
  auto page = List(*records.view(), Tokens(), query);
  EXPECT_EQ(page->rows.size(), 1000u);
  // A changed page size is honoured with the same token.
  query.page_token = page->next_page_token;
  query.page_size = 7;
  EXPECT_EQ(List(*records.view(), Tokens(), query)->rows.size(), 7u);
}

}  // namespace
}  // namespace tandem::query
