// SPDX-License-Identifier: Apache-2.0

// Readers beside writers and the background thread. Worth most under the thread sanitizer.

#include <atomic>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/status_matchers.h"
#include "test_directory.h"

namespace tandem::catalog {
namespace {

using model::RecordType;
using support::IsOk;

TEST(CatalogConcurrencyTest, EveryViewIsWholeWhileWritersWrite) {
  constexpr int kAgencies = 40;
  constexpr int kRounds = 60;
  TestDirectory directory(SmallSegments(/*background=*/true));
  ASSERT_THAT(directory.Create(MakeRegion("0")), IsOk());
  ASSERT_THAT(directory.Create(MakeRegion("1", "0")), IsOk());
  // Each write moves every agency to the next number at once: a view that shows two numbers is
  // torn.
  auto all_at = [&](int number, WriteKind kind, store::Revision base) {
    std::vector<PreparedRecord> records;
    for (int i = 0; i < kAgencies; ++i) {
      v1::Agency agency = MakeAgency("a" + std::to_string(i), "regions/1");
      agency.mutable_assessment()->set_points(number);
      records.push_back(Prepare(RecordType::kAgency, "a" + std::to_string(i), kind, agency, base));
    }
    return records;
  };
  ASSERT_OK_AND_ASSIGN(CommitResult created, directory.Write(all_at(0, WriteKind::kCreate, 0)));

  const FieldId points = FieldTable::Of(RecordType::kAgency).Find("assessment.points")->id;
  const FieldId home = FieldTable::Of(RecordType::kAgency).Find("home_region")->id;
  std::atomic<bool> stop{false};
  std::atomic<int> views{0};
  auto read = [&] {
    store::Revision last = 0;
    while (!stop.load()) {
      std::shared_ptr<const View> view = directory.view();
      ASSERT_GE(view->revision(), last);
      last = view->revision();
      int rows = 0;
      std::optional<int64_t> number;
      view->ForEach(RecordType::kAgency, [&](const RowRef& ref) {
        ++rows;
        std::optional<int64_t> found = ref.segment->Integer(points, ref.row);
        ASSERT_TRUE(found);
        if (!number) number = found;
        ASSERT_EQ(number, found);
      });
      ASSERT_EQ(rows, kAgencies);
      ASSERT_EQ(view->Count(RecordType::kAgency), kAgencies);
      for (int i = 0; i < kAgencies; i += 7) {
        std::optional<RowRef> ref = view->Find(RecordType::kAgency, "a" + std::to_string(i));
        ASSERT_TRUE(ref);
        ASSERT_EQ(ref->segment->Integer(points, ref->row), number);
      }
      size_t within = 0;
      for (const SegmentView& part : view->segments(RecordType::kAgency)) {
        Roaring found;
        view->AddWithin(part, home, "regions/0", &found);
        const AliveRows alive = part.alive();
        for (uint32_t row : found) within += alive.Contains(row);
      }
      ASSERT_EQ(within, static_cast<size_t>(kAgencies));
      views.fetch_add(1);
    }
  };
  std::thread first(read), second(read);
  store::Revision base = created.revision;
  for (int round = 1; round <= kRounds; ++round) {
    absl::StatusOr<CommitResult> written = directory.Write(all_at(round, WriteKind::kUpdate, base));
    EXPECT_THAT(written, IsOk());
    if (!written.ok()) break;
    base = written->revision;
    if (round % 10 == 0) {
      // A move in the tree: closures are renewed meanwhile.
      v1::Region top = MakeRegion(std::to_string(round));
      EXPECT_THAT(directory.Create(top), IsOk());
      EXPECT_THAT(directory.Update(MakeRegion(std::to_string(round), "0")), IsOk());
    }
  }
  stop = true;
  first.join();
  second.join();
  EXPECT_GT(views.load(), 0);
}

TEST(CatalogConcurrencyTest, ParallelCallersGetDenseRevisionsAndOneWinner) {
  TestDirectory directory(SmallSegments(/*background=*/true));
  const store::Revision before = directory.log().Head();
  constexpr int kThreads = 4;
  constexpr int kEach = 100;
  std::atomic<int> created{0}, shared_created{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        created +=
            directory.Create(MakeAgency("own-" + std::to_string(t) + "-" + std::to_string(i))).ok();
        // All callers want the same names.
        shared_created += directory.Create(MakeAgency("shared-" + std::to_string(i))).ok();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(created, kThreads * kEach);
  EXPECT_EQ(shared_created, kEach);
  EXPECT_EQ(directory.log().Head(), before + kThreads * kEach + kEach);
  EXPECT_EQ(directory.view()->Count(RecordType::kAgency), kThreads * kEach + kEach);
  directory.catalog().WaitUntilMaintained();
  EXPECT_EQ(directory.view()->Count(RecordType::kAgency), kThreads * kEach + kEach);
}

}  // namespace
}  // namespace tandem::catalog
