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

// Agencies of which every third is steady: its sort key never changes. All others are created, get
// other keys and are purged.
class ChangingDirectory {
 public:
  static constexpr int kAtFirst = 400;
  static constexpr int kIds = 450;

  // `by_update_time`: every new version of a record is a new key, so the steady get none.
  ChangingDirectory(uint32_t seed, bool by_update_time)
      : by_update_time_(by_update_time), random_(seed), records_(Segments(false)) {
    for (int i = 0; i < kAtFirst; ++i) Put(i, random_.Below(kPoints));
  }

  const catalog::Catalog& catalog() { return records_.catalog(); }
  RandomAgencies& random() { return random_; }
  int64_t changes() const { return changes_; }
  static std::string Id(int i) { return "a" + std::to_string(i); }
  static bool IsSteady(int i) { return i < kAtFirst && i % 3 == 0; }
  // Created after the list began, or given another key, or purged.
  const std::set<std::string>& restless() const { return restless_; }

  // Up to 30 changes and some maintenance.
  void Change() {
    for (int left = random_.Below(30); left > 0; --left) {
      const int i = random_.Below(kIds);
      if (IsSteady(i)) {
        if (!by_update_time_) Put(i, points_.at(i));
        continue;
      }
      restless_.insert(Id(i));
      if (points_.contains(i) && random_.OneIn(3)) {
        records_.Purge(RecordType::kAgency, "agencies/" + Id(i));
        points_.erase(i);
        ++changes_;
      } else {
        Put(i, random_.Below(kPoints));
      }
    }
    while (random_.OneIn(2) && records_.catalog().Maintain()) {
    }
  }

 private:
  static constexpr int kPoints = 20;

  void Put(int i, int points) {
    points_[i] = points;
    records_.Put(RecordType::kAgency, Agency(Id(i), points, ++clock_));
    ++changes_;
  }

  const bool by_update_time_;
  RandomAgencies random_;
  RecordCatalog records_;
  std::map<int, int> points_;
  std::set<std::string> restless_;
  int64_t clock_ = 0;
  int64_t changes_ = 0;
};

class PagingTest : public ::testing::TestWithParam<const char*> {};

TEST_P(PagingTest, NoRecordThatExistsThroughoutIsMissedOrGivenTwice) {
  const std::string order = GetParam();
  const bool by_update_time = order.find("update_time") != std::string::npos;
  // Pages of one row meet the most changes between them.
  for (const int page_size : {1, 2, 7, 40}) {
    ChangingDirectory directory(static_cast<uint32_t>(page_size), by_update_time);
    int pages = 1;
    const auto seen = Seen(directory.catalog(), order, page_size, [&] {
      directory.Change();
      ++pages;
    });
    ASSERT_GE(pages, 134 / page_size);
    ASSERT_GT(directory.changes(), ChangingDirectory::kAtFirst + 5 * pages);
    int untouched = 0;
    for (int i = 0; i < ChangingDirectory::kAtFirst; ++i) {
      const std::string id = ChangingDirectory::Id(i);
      const bool restless = directory.restless().contains(id);
      ASSERT_FALSE(restless && ChangingDirectory::IsSteady(i));
      if (restless) continue;
      ++untouched;
      const auto it = seen.find(id);
      ASSERT_EQ(it == seen.end() ? 0 : it->second, 1) << id << ", pages of " << page_size;
    }
    ASSERT_GE(untouched, ChangingDirectory::kAtFirst / 3);
    // Names never change: in their order nobody comes twice, whatever else becomes of him.
    if (order.empty() || order == "name desc") {
      for (const auto& [id, times] : seen) ASSERT_EQ(times, 1) << id;
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
