// SPDX-License-Identifier: Apache-2.0

#include "service/change_hub.h"

#include <algorithm>
#include <utility>

#include "google/protobuf/util/time_util.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "store/feed_start.h"

namespace tandem::service {
namespace {

using google::protobuf::util::TimeUtil;

// How often watchers are told that time passed.
constexpr std::chrono::milliseconds kTick(100);
// Watchers that one thread wakes before it looks after its own work again.
constexpr size_t kWakeBlock = 16;
// When nobody helped for so long, the hub's thread goes on by itself.
constexpr absl::Duration kHelpPatience = absl::Milliseconds(1);
constexpr absl::Duration kOverloadedRetry = absl::Seconds(1);

bool HasPurge(const store::Entry& entry) {
  return std::any_of(entry.writes.begin(), entry.writes.end(), [](const store::RecordWrite& write) {
    return write.kind == storage::v1::CHANGE_KIND_PURGED;
  });
}

}  // namespace

ChangeHub::ChangeHub(const store::Log* log, ChangeHubOptions options)
    : log_(*log), options_(options), newest_(log->Head()) {
  thread_ = std::thread([this] { Run(); });
}

ChangeHub::~ChangeHub() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void ChangeHub::Publish(store::Revision last, std::vector<store::Entry> entries) {
  absl::MutexLock lock(&mu_);
  const bool dense = !entries.empty() && entries.front().revision == newest() + 1;
  // Whoever sees it and asks for the tail waits for this lock.
  newest_.store(last, std::memory_order_seq_cst);
  if (!dense) tail_.clear();
  if (watchers_.empty()) {
    // Nobody is near: who comes next begins behind it or reads the log.
    tail_.clear();
    return;
  }
  news_ = true;
  if (!dense) return;
  for (store::Entry& entry : entries) {
    // What is gone for good is in no memory either.
    if (HasPurge(entry)) tail_.clear();
    auto batch = std::make_shared<const ChangeBatch>(std::move(entry));
    const size_t bytes = batch->bytes();
    tail_.push_back({std::move(batch), published_bytes_});
    published_bytes_ += bytes;
  }
  TrimTail();
}

void ChangeHub::TrimTail() {
  while (tail_.size() > 1 && published_bytes_ - tail_.front().offset > options_.tail_bytes) {
    tail_.pop_front();
  }
}

absl::Status ChangeHub::CheckStart(store::Revision revision) const {
  RETURN_IF_ERROR(store::CheckFeedStart(revision, log_.LogStart()));
  // The log's head: a list may have shown what the hub is about to hear of.
  const store::Revision head = log_.Head();
  if (revision <= head + 1) return absl::OkStatus();
  return model::FieldsInvalid(
      {{"start_revision", StrCat(revision, " lies ahead: the newest revision is ", head,
                                 "; start at ", head + 1, " at most, or at 0 for from now on")}});
}

std::vector<ChangeHub::Batch> ChangeHub::Tail(store::Revision from, size_t bytes) const {
  std::vector<Batch> found;
  absl::MutexLock lock(&mu_);
  if (tail_.empty() || from < tail_.front().batch->revision() || from > newest()) return found;
  size_t taken = 0;
  for (auto i = static_cast<size_t>(from - tail_.front().batch->revision());
       i < tail_.size() && (found.empty() || taken < bytes); ++i) {
    found.push_back(tail_[i].batch);
    taken += found.back()->bytes();
  }
  return found;
}

size_t ChangeHub::LagBytes(store::Revision from) const {
  absl::MutexLock lock(&mu_);
  if (tail_.empty() || from > newest()) return 0;
  const store::Revision first = tail_.front().batch->revision();
  const size_t i = from <= first ? 0 : static_cast<size_t>(from - first);
  return static_cast<size_t>(published_bytes_ - tail_[i].offset);
}

absl::Status ChangeHub::Add(const std::shared_ptr<Watcher>& watcher) {
  absl::MutexLock lock(&mu_);
  if (draining_) {
    return model::MakeError(model::Reason::kShuttingDown,
                            "the server is stopping; watch another one");
  }
  if (watchers_.size() >= options_.max_watchers) {
    return model::WithRetryAfter(
        model::MakeError(model::Reason::kOverloaded,
                         StrCat("there are ", options_.max_watchers,
                                " watchers, the most this server takes; try again or list changes"),
                         {{"max", StrCat(options_.max_watchers)}}),
        kOverloadedRetry);
  }
  watchers_.insert(watcher);
  all_ = nullptr;
  return absl::OkStatus();
}

void ChangeHub::Remove(const std::shared_ptr<Watcher>& watcher) {
  absl::MutexLock lock(&mu_);
  watchers_.erase(watcher);
  all_ = nullptr;
  if (watchers_.empty()) tail_.clear();
}

size_t ChangeHub::watcher_count() const {
  absl::MutexLock lock(&mu_);
  return watchers_.size();
}

std::shared_ptr<const ChangeHub::Watchers> ChangeHub::AllWatchers() {
  if (all_ == nullptr) all_ = std::make_shared<const Watchers>(watchers_.begin(), watchers_.end());
  return all_;
}

std::optional<v1::KeptHistory> ChangeHub::Kept(bool may_block) const {
  const store::Revision start = log_.LogStart();
  {
    absl::MutexLock lock(&mu_);
    if (kept_start_ == start && (kept_.has_oldest_time() || start > newest())) return kept_;
  }
  if (!may_block) return std::nullopt;
  v1::KeptHistory kept;
  kept.set_oldest_revision(start);
  if (options_.retention != absl::InfiniteDuration()) {
    *kept.mutable_retention() =
        TimeUtil::SecondsToDuration(absl::ToInt64Seconds(options_.retention));
  }
  // A trim in between is met the next time.
  log_.Feed(start,
            [&](store::Revision, const storage::v1::LogEntry& entry) {
              *kept.mutable_oldest_time() =
                  TimeUtil::NanosecondsToTimestamp(entry.commit_time_ns());
              return false;
            })
      .IgnoreError();
  absl::MutexLock lock(&mu_);
  kept_start_ = start;
  kept_ = kept;
  return kept;
}

void ChangeHub::Drain() {
  std::shared_ptr<const Watchers> all;
  {
    absl::MutexLock lock(&mu_);
    draining_ = true;
    all = AllWatchers();
  }
  for (const auto& watcher : *all) watcher->End();
}

void ChangeHub::Run() {
  SteadyTime next_tick = std::chrono::steady_clock::now() + kTick;
  while (true) {
    std::shared_ptr<const Watchers> all;
    bool wake = false;
    bool tick = false;
    SteadyTime now;
    {
      absl::MutexLock lock(&mu_);
      auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return news_ || stopping_; };
      auto populated = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
        return !watchers_.empty() || stopping_;
      };
      mu_.Await(absl::Condition(&populated));
      mu_.AwaitWithTimeout(absl::Condition(&ready), absl::FromChrono(kTick));
      if (stopping_) return;
      wake = std::exchange(news_, false);
      now = std::chrono::steady_clock::now();
      tick = now >= next_tick;
      if (tick) next_tick = now + kTick;
      all = AllWatchers();
    }
    if (wake) WakeAll(all);
    if (!tick) continue;
    for (const auto& watcher : *all) watcher->Tick(now);
  }
}

void ChangeHub::WakeAll(std::shared_ptr<const Watchers> all) {
  const auto round = std::make_shared<WakeRound>(std::move(all));
  {
    absl::MutexLock lock(&round_mu_);
    round_ = round;
  }
  while (!round->done()) {
    // Threads that are done with the messages of this block help with the others.
    const bool helped = WakeBlock(round.get());
    size_t before = round->next.load(std::memory_order_acquire);
    auto settled = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return round->done() || stopping_; };
    absl::MutexLock lock(&mu_);
    while (helped && !mu_.AwaitWithTimeout(absl::Condition(&settled), kHelpPatience)) {
      const size_t now = round->next.load(std::memory_order_acquire);
      if (now == before) break;
      before = now;
    }
    if (stopping_) break;
  }
  absl::MutexLock lock(&round_mu_);
  round_ = nullptr;
}

bool ChangeHub::WakeBlock(WakeRound* round) {
  const Watchers& all = *round->watchers;
  const size_t begin = round->next.fetch_add(kWakeBlock, std::memory_order_acq_rel);
  const size_t end = std::min(begin + kWakeBlock, all.size());
  bool sending = false;
  for (size_t i = begin; i < end; ++i) sending |= all[i]->Wake();
  if (begin < end && end == all.size()) {
    // Whoever waits for the end of the round looks again.
    absl::MutexLock lock(&mu_);
  }
  return sending;
}

void ChangeHub::HelpWake() {
  // A message may be taken while it is being started, on the thread that wakes.
  thread_local bool helping = false;
  if (helping) return;
  std::shared_ptr<WakeRound> round;
  {
    absl::MutexLock lock(&round_mu_);
    round = round_;
  }
  if (round == nullptr || round->done()) return;
  helping = true;
  WakeBlock(round.get());
  helping = false;
}

}  // namespace tandem::service
