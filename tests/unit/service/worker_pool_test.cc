// SPDX-License-Identifier: Apache-2.0

// Work that waits is bounded, admitted work is never lost, and nothing runs after the end.

#include "service/worker_pool.h"

#include <atomic>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace tandem::service {
namespace {

TEST(WorkerPoolTest, WhatWaitsIsBoundedAndWhatWasAdmittedRuns) {
  absl::Notification started, go;
  std::atomic<int> done = 0;
  WorkerPool pool(1, 2);
  ASSERT_TRUE(pool.TryRun([&] {
    started.Notify();
    go.WaitForNotification();
    ++done;
  }));
  started.WaitForNotification();
  EXPECT_TRUE(pool.TryRun([&] { ++done; }));
  EXPECT_TRUE(pool.TryRun([&] { ++done; }));
  EXPECT_FALSE(pool.TryRun([&] { done += 100; }));
  // Steps of work that was admitted before go on.
  EXPECT_TRUE(pool.Continue([&] { ++done; }));
  EXPECT_EQ(done, 0);
  go.Notify();
  pool.Stop();
  EXPECT_EQ(done, 4);
  EXPECT_FALSE(pool.TryRun([&] { done += 100; }));
  EXPECT_FALSE(pool.Continue([&] { done += 100; }));
  pool.Stop();
  EXPECT_EQ(done, 4);
}

}  // namespace
}  // namespace tandem::service
