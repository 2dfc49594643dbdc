// SPDX-License-Identifier: Apache-2.0

// Whom the hub wakes: everybody, after every publication, whether other threads help or not, and
// whoever comes or goes meanwhile.
#include "service/change_hub.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "support/memory_log.h"

namespace tandem::service {
namespace {

// More than one block, and no whole number of blocks.
constexpr int kWatchers = 103;

// Notes what it was told. Safe on any thread.
class Listener final : public ChangeHub::Watcher {
 public:
  // `promises`: it says that its thread will help. `helps`: it does, at once.
  Listener(ChangeHub* hub, bool promises, bool helps)
      : hub_(*hub), promises_(promises), helps_(helps) {}

  bool Wake() override {
    {
      absl::MutexLock lock(&mu_);
      heard_ = hub_.newest();
    }
    if (helps_) hub_.HelpWake();
    return promises_;
  }
  void Tick(ChangeHub::SteadyTime) override {}
  void End() override { ended_ = true; }

  void AwaitHeard(store::Revision revision) {
    absl::MutexLock lock(&mu_);
    auto heard = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return heard_ >= revision; };
    mu_.Await(absl::Condition(&heard));
  }
  bool ended() const { return ended_; }

 private:
  ChangeHub& hub_;
  const bool promises_;
  const bool helps_;
  absl::Mutex mu_;
  store::Revision heard_ ABSL_GUARDED_BY(mu_) = 0;
  std::atomic<bool> ended_ = false;
};

enum class Help { kNone, kPromised, kGiven };

class ChangeHubTest : public ::testing::TestWithParam<Help> {
 protected:
  ChangeHubTest() : hub_(&log_) {}

  std::shared_ptr<Listener> Join() {
    auto listener =
        std::make_shared<Listener>(&hub_, GetParam() != Help::kNone, GetParam() == Help::kGiven);
    EXPECT_TRUE(hub_.Add(listener).ok());
    return listener;
  }

  support::MemoryLog log_;
  ChangeHub hub_;
};

INSTANTIATE_TEST_SUITE_P(Help, ChangeHubTest,
                         ::testing::Values(Help::kNone, Help::kPromised, Help::kGiven));

TEST_P(ChangeHubTest, EverybodyHearsOfEveryPublication) {
  std::vector<std::shared_ptr<Listener>> all;
  for (int i = 0; i < kWatchers; ++i) all.push_back(Join());
  for (store::Revision revision = 1; revision <= 50; ++revision) {
    hub_.Publish(revision, {});
    for (const auto& listener : all) listener->AwaitHeard(revision);
  }
  hub_.Drain();
  for (const auto& listener : all) {
    EXPECT_TRUE(listener->ended());
    hub_.Remove(listener);
  }
  EXPECT_EQ(hub_.watcher_count(), 0U);
}

TEST_P(ChangeHubTest, WhoStaysHearsWhileOthersComeAndGoAndThreadsHelp) {
  std::vector<std::shared_ptr<Listener>> staying;
  for (int i = 0; i < kWatchers; ++i) staying.push_back(Join());
  std::atomic<bool> over = false;
  std::thread coming_and_going([&] {
    while (!over) {
      const std::shared_ptr<Listener> passing = Join();
      hub_.Remove(passing);
    }
  });
  std::thread helping([&] {
    while (!over) hub_.HelpWake();
  });
  // Publications overtake each other; the last one counts.
  for (store::Revision revision = 1; revision <= 2000; ++revision) hub_.Publish(revision, {});
  for (const auto& listener : staying) listener->AwaitHeard(2000);
  over = true;
  coming_and_going.join();
  helping.join();
  for (const auto& listener : staying) hub_.Remove(listener);
}

}  // namespace
}  // namespace tandem::service
