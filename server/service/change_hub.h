// SPDX-License-Identifier: Apache-2.0

// Where watchers hear that something was committed and find it. The committer hands every commit
// over; the newest ones stay in memory, in a tail of bounded size that all watchers share, and
// whoever is further behind reads the log. A watcher keeps a position and nothing else, so how far
// it falls behind costs no memory.
//
// Gap-free: a position is a revision. The tail and the log hold the same changes under the same
// revisions. The newest revision is told before watchers are woken, and a watcher that goes to
// sleep says so first and then looks at the newest revision: one of the two sees the other.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "service/change_batch.h"
#include "store/log.h"
#include "tandem/v1/change_service.pb.h"

namespace tandem::service {

struct ChangeHubOptions {
  // Changes kept in memory, about. The newest commit stays whatever its size.
  size_t tail_bytes = size_t{8} << 20U;
  // Watchers at the same time; more are refused.
  size_t max_watchers = 4096;
  // A watcher that takes no message for `patience` while more than `max_lag_bytes` of changes wait
  // is dropped.
  size_t max_lag_bytes = size_t{1} << 20U;
  absl::Duration patience = absl::Seconds(2);
  // How long changes are kept; told to watchers. Infinite: for ever.
  absl::Duration retention = absl::InfiniteDuration();
};

// Thread-safe. Owns one thread, which wakes the first watchers of a publication; gRPC's own threads
// wake the others, as a message costs less when the thread that starts it is one of those.
class ChangeHub {
 public:
  // Patience and progress are counted by a clock that never jumps.
  using SteadyTime = std::chrono::steady_clock::time_point;

  // One stream. Called without any lock of the hub.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // Something was published. True when it has a message on its way, after which its thread will
    // help. Not called before it was added, perhaps once after it was removed.
    virtual bool Wake() = 0;
    // Some time passed: see to progress marks and patience.
    virtual void Tick(SteadyTime now) = 0;
    // The server stops: end the stream.
    virtual void End() = 0;
  };
  using Batch = std::shared_ptr<const ChangeBatch>;

  // `log` outlives this. Nothing may be committed before the committer got Publish as its callback.
  explicit ChangeHub(const store::Log* log, ChangeHubOptions options = {});
  // All watchers must be gone.
  ~ChangeHub();
  ChangeHub(const ChangeHub&) = delete;
  ChangeHub& operator=(const ChangeHub&) = delete;

  const ChangeHubOptions& options() const { return options_; }

  // For the committer (CommitterOptions::on_published).
  void Publish(store::Revision last, std::vector<store::Entry> entries);
  // The last published revision. Takes no lock.
  store::Revision newest() const { return newest_.load(std::memory_order_seq_cst); }
  // Whether a watcher may start at `revision`. REVISION_COMPACTED, HISTORY_CHANGED; FIELD_INVALID
  // when it lies ahead of what is committed.
  absl::Status CheckStart(store::Revision revision) const;

  // The commits from `from` on that are in memory, as many as hold about `bytes`; empty when there
  // are none or `from` is older than the tail.
  std::vector<Batch> Tail(store::Revision from, size_t bytes) const;
  // About how many bytes of changes lie at and behind `from`; older than the tail counts as all of
  // it.
  size_t LagBytes(store::Revision from) const;

  // From now on the watcher is woken after each publication. OVERLOADED when there are too many,
  // SHUTTING_DOWN after Drain.
  absl::Status Add(const std::shared_ptr<Watcher>& watcher);
  void Remove(const std::shared_ptr<Watcher>& watcher);
  // For a watcher whose message was taken, on gRPC's thread and without locks: wakes some of those
  // that still wait to hear of the newest publication.
  void HelpWake();

  // For watchers that give up because their client takes nothing, and for whoever counts them.
  void NoteTooSlow() { too_slow_.fetch_add(1, std::memory_order_relaxed); }
  int64_t too_slow_count() const { return too_slow_.load(std::memory_order_relaxed); }
  size_t watcher_count() const;

  // What can still be asked for. Reads the log when history was trimmed since the last time:
  // nullopt when that is so and `may_block` is false.
  std::optional<v1::KeptHistory> Kept(bool may_block) const;

  // Ends all streams and takes no more.
  void Drain();

 private:
  struct TailBatch {
    Batch batch;
    // Bytes published before it since the hub was made.
    uint64_t offset = 0;
  };

  using Watchers = std::vector<std::shared_ptr<Watcher>>;
  // The watchers to be woken after a publication, taken block by block.
  struct WakeRound {
    explicit WakeRound(std::shared_ptr<const Watchers> all) : watchers(std::move(all)) {}
    bool done() const { return next.load(std::memory_order_acquire) >= watchers->size(); }
    const std::shared_ptr<const Watchers> watchers;
    std::atomic<size_t> next{0};
  };

  void Run();
  // Returns when all were woken or the hub stops.
  void WakeAll(std::shared_ptr<const Watchers> all);
  // Wakes the next block and tells the hub's thread when it was the last one. Whether a message is
  // on its way.
  bool WakeBlock(WakeRound* round);
  // All watchers, made anew only when some came or went.
  std::shared_ptr<const Watchers> AllWatchers() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void TrimTail() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const store::Log& log_;
  const ChangeHubOptions options_;

  // Never held while a watcher is called or a disk is read.
  mutable absl::Mutex mu_;
  // Written under mu_.
  std::atomic<store::Revision> newest_;
  // Dense; ends at newest_ unless empty.
  std::deque<TailBatch> tail_ ABSL_GUARDED_BY(mu_);
  uint64_t published_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  absl::flat_hash_set<std::shared_ptr<Watcher>> watchers_ ABSL_GUARDED_BY(mu_);
  // Null after a watcher came or went.
  std::shared_ptr<const Watchers> all_ ABSL_GUARDED_BY(mu_);
  bool news_ ABSL_GUARDED_BY(mu_) = false;
  // Null between rounds. With a lock of its own, as every message asks for it.
  absl::Mutex round_mu_;
  std::shared_ptr<WakeRound> round_ ABSL_GUARDED_BY(round_mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  mutable store::Revision kept_start_ ABSL_GUARDED_BY(mu_) = 0;
  mutable v1::KeptHistory kept_ ABSL_GUARDED_BY(mu_);
  std::atomic<int64_t> too_slow_ = 0;
  std::thread thread_;
};

}  // namespace tandem::service
