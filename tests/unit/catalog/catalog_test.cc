// SPDX-License-Identifier: Apache-2.0

#include "catalog/catalog.h"

#include <set>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/reason_matcher.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using model::RecordType;
using support::IsOk;
using testing::UnorderedElementsAre;

const IndexedField& Field(RecordType type, std::string_view path) {
  return *FieldTable::Of(type).Find(path);
}

// Ids of the live agencies whose home region lies within `region`.
std::set<std::string> AgenciesWithin(const View& view, const std::string& region) {
  std::set<std::string> ids;
  for (const SegmentView& part : view.segments(RecordType::kAgency)) {
    Roaring rows;
    view.AddWithin(part, Field(RecordType::kAgency, "home_region").id, region, &rows);
    const AliveRows alive = part.alive();
    for (uint32_t row : rows) {
      if (alive.Contains(row) && !part.segment().deleted(row)) ids.emplace(part.segment().id(row));
    }
  }
  return ids;
}

TEST(CatalogTest, AnOldViewNeverChanges) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(MakeAgency("a")), IsOk());
  std::shared_ptr<const View> old = directory.view();
  const store::Revision revision = old->Find(RecordType::kAgency, "a")->revision();
  for (int i = 0; i < 40; ++i) {
    v1::Agency agency = MakeAgency("a");
    agency.set_display_name("version " + std::to_string(i));
    ASSERT_THAT(directory.Update(agency), IsOk());
    ASSERT_THAT(directory.Create(MakeAgency("n" + std::to_string(i))), IsOk());
  }
  directory.catalog().WaitUntilMaintained();
  ASSERT_THAT(directory.Delete(RecordType::kAgency, "a"), IsOk());
  EXPECT_EQ(old->Find(RecordType::kAgency, "a")->revision(), revision);
  EXPECT_FALSE(old->Find(RecordType::kAgency, "a")->deleted());
  EXPECT_FALSE(old->Find(RecordType::kAgency, "n0"));
  EXPECT_EQ(old->Count(RecordType::kAgency), 1);
  int rows = 0;
  old->ForEach(RecordType::kAgency, [&](const RowRef& row) {
    ++rows;
    EXPECT_EQ(row.id(), "a");
  });
  EXPECT_EQ(rows, 1);
}

TEST(CatalogTest, FullSegmentsAreSealedMergedAndRewritten) {
  TestDirectory directory;
  for (int i = 0; i < 200; ++i)
    ASSERT_THAT(directory.Create(MakeAgency("a" + std::to_string(i))), IsOk());
  directory.catalog().WaitUntilMaintained();
  size_t segments = directory.view()->segments(RecordType::kAgency).size();
  EXPECT_LT(segments, 16u);
  size_t sealed_rows = 0;
  for (const SegmentView& part : directory.view()->segments(RecordType::kAgency)) {
    EXPECT_LE(part.row_count(), 64u);
    if (part.sealed()) sealed_rows += part.row_count();
  }
  EXPECT_GE(sealed_rows, 196u);
  // Dead rows go away.
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 200; ++i) {
      v1::Agency agency = MakeAgency("a" + std::to_string(i));
      agency.set_display_name("round " + std::to_string(round));
      ASSERT_THAT(directory.Update(agency), IsOk());
    }
  }
  directory.catalog().WaitUntilMaintained();
  size_t rows = 0, alive = 0;
  for (const SegmentView& part : directory.view()->segments(RecordType::kAgency)) {
    rows += part.row_count();
    alive += part.alive().count();
  }
  EXPECT_EQ(alive, 200u);
  EXPECT_LE(rows, 200u * 4 / 3 + 8);
}

TEST(CatalogTest, WithinFollowsTheTreeBeforeAndAfterAMove) {
  TestDirectory directory;
  for (auto [id, parent] : std::vector<std::pair<std::string, std::string>>{
           {"cn", ""}, {"33", "cn"}, {"63", "cn"}, {"3301", "33"}}) {
    ASSERT_THAT(directory.Create(MakeRegion(id, parent)), IsOk());
  }
  // Enough for sealed and open segments.
  std::set<std::string> all;
  for (int i = 0; i < 30; ++i) {
    std::string id = "a" + std::to_string(i);
    all.insert(id);
    ASSERT_THAT(directory.Create(MakeAgency(id, "regions/3301")), IsOk());
  }
  directory.catalog().WaitUntilMaintained();
  std::shared_ptr<const View> before = directory.view();
  size_t ready = 0;
  for (const SegmentView& part : before->segments(RecordType::kAgency)) {
    ready += before->FindWithin(part, Field(RecordType::kAgency, "home_region").id, "regions/33")
                 .has_value();
  }
  EXPECT_GT(ready, 0u);
  EXPECT_EQ(AgenciesWithin(*before, "regions/33"), all);
  EXPECT_EQ(AgenciesWithin(*before, "regions/cn"), all);
  EXPECT_TRUE(AgenciesWithin(*before, "regions/63").empty());

  ASSERT_THAT(directory.Update(MakeRegion("3301", "63")), IsOk());
  // Before and after the closures were made anew.
  for (int renewed = 0; renewed < 2; ++renewed) {
    EXPECT_EQ(AgenciesWithin(*directory.view(), "regions/63"), all);
    EXPECT_TRUE(AgenciesWithin(*directory.view(), "regions/33").empty());
    EXPECT_EQ(AgenciesWithin(*before, "regions/33"), all);
    EXPECT_TRUE(AgenciesWithin(*before, "regions/63").empty());
    directory.catalog().WaitUntilMaintained();
  }
  directory.Restart();
  EXPECT_EQ(AgenciesWithin(*directory.view(), "regions/63"), all);
  EXPECT_TRUE(AgenciesWithin(*directory.view(), "regions/33").empty());
}

TEST(CatalogTest, ReferrersAreFoundInEverySegmentOnce) {
  TestDirectory directory;
  ASSERT_THAT(directory.Create(MakeRegion("33")), IsOk());
  ASSERT_THAT(directory.Create(MakeRegion("3301", "33")), IsOk());
  for (int i = 0; i < 30; ++i) {
    v1::Agency agency =
        MakeAgency("a" + std::to_string(i), i % 3 == 0 ? "regions/33" : "regions/3301");
    // Two fields of one record are one referrer.
    agency.set_registration_region("regions/33");
    ASSERT_THAT(directory.Create(agency), IsOk());
  }
  directory.catalog().WaitUntilMaintained();
  int64_t total = 0;
  EXPECT_EQ(directory.view()->Referrers("regions/33", 5, &total).size(), 5u);
  EXPECT_EQ(total, 31);
  EXPECT_TRUE(directory.view()->Referrers("regions/none", 5).empty());
  EXPECT_TRUE(directory.view()->Referrers("nonsense", 5).empty());
}

TEST(CatalogTest, ADamagedRecordStopsTheStart) {
  support::MemoryLog log;
  log.AppendElsewhere(
      {{RecordType::kAgency, "a", storage::v1::CHANGE_KIND_CREATED, 0, "\x0a\xff\xff\x7f", 4}}, 1);
  Catalog catalog(SmallSegments());
  absl::Status status = catalog.Load(log);
  EXPECT_THAT(status, support::HasReason(model::Reason::kRecordCorrupt));
  EXPECT_THAT(std::string(status.message()), testing::HasSubstr("agencies/a"));
}

TEST(RowLifeTest, TellsWhoWasAliveAtEachRevision) {
  RowLife life(200);
  for (uint32_t row = 0; row < 200; ++row) life.Born(row, row + 1);
  // Row r dies at 300 + r for even r.
  for (uint32_t row = 0; row < 200; row += 2) life.Die(row, 300 + row);
  // Newest first and then back, so that the kept answer is used and not used.
  for (store::Revision at : {store::Revision{600}, store::Revision{299}, store::Revision{350},
                             store::Revision{400}, store::Revision{350}}) {
    const AliveRows alive = life.AliveAt(at, 200);
    uint32_t expected = 0;
    for (uint32_t row = 0; row < 200; ++row) {
      const bool dead = row % 2 == 0 && 300 + row <= at;
      ASSERT_EQ(alive.Contains(row), !dead) << row << " at " << at;
      expected += !dead;
    }
    EXPECT_EQ(alive.count(), expected);
  }
}

}  // namespace
}  // namespace tandem::catalog
