// SPDX-License-Identifier: Apache-2.0

// The promise of paging while records change: one that exists throughout is neither missed nor
// given twice, unless its own sort key changes meanwhile. Checked by changing records between
// pages, and by a writer that runs beside the readers.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <thread>

#include "query/executor.h"
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

catalog::CatalogOptions Segments(bool background) {
  catalog::CatalogOptions options;
  options.segment_rows = 128;
  options.open_rows = 16;
  options.merge_fan_in = 3;
  options.background = background;
  return options;
}

std::shared_ptr<const v1::Agency> Agency(const std::string& id, int points, int64_t updated) {
  auto agency = std::make_shared<v1::Agency>();
  agency->set_name("agencies/" + id);
  agency->set_display_name("name " + std::to_string(points));
  agency->mutable_assessment()->set_points(points);
  agency->mutable_create_time()->set_seconds(1000 + points);
  agency->mutable_update_time()->set_seconds(updated);
  return agency;
}

// Lists everything page by page, calling `between` before each further page; how often each id
// came.
template <typename Between>
std::map<std::string, int> Seen(const catalog::Catalog& catalog, const std::string& order_by,
                                int page_size, Between&& between) {
  std::map<std::string, int> seen;
  ListQuery query;
  query.order_by = order_by;
  query.page_size = page_size;
  while (true) {
    auto page = List(*catalog.view(), Tokens(), query);
    if (!page.ok()) {
      ADD_FAILURE() << page.status();
      return seen;
    }
    for (const ListRow& row : page->rows) ++seen[row.id];
    if (page->next_page_token.empty()) return seen;
    query.page_token = page->next_page_token;
    between();
  }
}

class PagingTest : public ::testing::TestWithParam<const char*> {};

TEST_P(PagingTest, NoRecordThatExistsThroughoutIsMissedOrGivenTwice) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    RandomAgencies random(seed);
    RecordCatalog records(Segments(false));
    std::map<std::string, int> points;
    for (int i = 0; i < 400; ++i) {
      const std::string id = "a" + std::to_string(i);
      points[id] = random.Below(20);
      records.Put(RecordType::kAgency, Agency(id, points[id], i));
    }
    std::set<std::string> throughout;
    for (const auto& [id, unused] : points) throughout.insert(id);
    int64_t clock = 10'000;
    auto change = [&] {
      for (int i = random.Below(30); i > 0; --i) {
        const std::string id = "a" + std::to_string(random.Below(450));
        if (!points.contains(id)) {
          points[id] = random.Below(20);
        } else if (random.OneIn(3)) {
          records.Purge(RecordType::kAgency, "agencies/" + id);
          points.erase(id);
          throughout.erase(id);
          continue;
        } else if (random.OneIn(2)) {
          // Its own sort key changes: nothing is promised for this one.
          points[id] = random.Below(20);
          throughout.erase(id);
        }
        // Otherwise another version with the same keys, which only orders by update_time notice.
        if (std::string(GetParam()).find("update_time") != std::string::npos) throughout.erase(id);
        records.Put(RecordType::kAgency, Agency(id, points[id], ++clock));
      }
      while (random.OneIn(2) && records.catalog().Maintain()) {
      }
    };
    const auto seen = Seen(records.catalog(), GetParam(), 1 + random.Below(40), change);
    ASSERT_GT(throughout.size(), 20u);
    for (const std::string& id : throughout) {
      const auto it = seen.find(id);
      ASSERT_EQ(it == seen.end() ? 0 : it->second, 1) << id << " seed " << seed;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Orders, PagingTest,
                         ::testing::Values("", "name desc", "display_name",
                                           "assessment.points desc", "create_time, name desc",
                                           "assessment.points, display_name desc",
                                           "update_time desc"));

TEST(PagingBesideAWriterTest, KeepsThePromise) {
  RecordCatalog records(Segments(true));
  constexpr int kStable = 500;
  for (int i = 0; i < kStable; ++i) {
    records.Put(RecordType::kAgency, Agency("s" + std::to_string(i), i % 7, i));
  }
  std::atomic<bool> stop = false;
  std::thread writer([&] {
    RandomAgencies random(3);
    for (int64_t clock = 10'000; !stop.load(); ++clock) {
      // Stable records get new versions with the same key; others come and go.
      const int i = random.Below(kStable);
      records.Put(RecordType::kAgency, Agency("s" + std::to_string(i), i % 7, clock));
      const std::string other = "t" + std::to_string(random.Below(200));
      if (random.OneIn(2)) {
        records.Put(RecordType::kAgency, Agency(other, random.Below(7), clock));
      } else {
        records.Purge(RecordType::kAgency, "agencies/" + other);
      }
    }
  });
  for (int round = 0; round < 30; ++round) {
    const char* order = round % 2 == 0 ? "assessment.points desc" : "name";
    const auto seen = Seen(records.catalog(), order, 13 + round, [] {});
    for (int i = 0; i < kStable; ++i) {
      const auto it = seen.find("s" + std::to_string(i));
      EXPECT_EQ(it == seen.end() ? 0 : it->second, 1) << "s" << i << " order " << order;
    }
  }
  stop.store(true);
  writer.join();
}

}  // namespace
}  // namespace tandem::query
