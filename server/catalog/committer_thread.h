// SPDX-License-Identifier: Apache-2.0

// The Committer of this process: one thread, a bounded queue, groups of writes that share one
// synced append.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/catalog.h"
#include "catalog/committer.h"
#include "catalog/write_group.h"
#include "model/clock.h"
#include "store/log.h"
#include "store/record_codec.h"
#include "store/record_reader.h"

namespace tandem::catalog {

struct CommitterOptions {
  // How long deleted records can be taken back.
  absl::Duration purge_after = store::kDefaultPurgeAfter;
  // Called once when storage failed for good, on the committer's thread: main goes NOT_SERVING and
  // exits with an error. No write is acknowledged afterwards.
  std::function<void(const absl::Status&)> on_storage_failed;
  // Called on the committer's thread after every publication, before writes are acknowledged, with
  // the revision readers now see and the entries that led to it; must be short. No entries when
  // they came from elsewhere: whoever wants them reads the log.
  std::function<void(store::Revision last, std::vector<store::Entry> entries)> on_published;

  // A group ends at this many records or bytes, whichever comes first; a single write may be
  // larger.
  int64_t group_records = 1000;
  int64_t group_bytes = int64_t{1} << 20;
  // What may wait; more is refused with OVERLOADED.
  int64_t queue_writes = 4096;
  int64_t queue_bytes = int64_t{64} << 20;
};

// Thread-safe. Destroyed before what it was given.
class CommitterThread final : public Committer {
 public:
  // `catalog` must have been loaded from `log`. `reader` reads the log's record versions.
  CommitterThread(Catalog* catalog, store::Log* log, const store::RecordReader* reader,
                  const model::Clock* clock, CommitterOptions options = {});
  // Stops.
  ~CommitterThread() override;

  void Submit(PreparedWrite write, CommitCallback done) override;
  absl::StatusOr<CommitResult> Commit(PreparedWrite write) override;

  // Removes deleted records whose purge time has come, one commit for up to group_records of them;
  // returns how many. Waits. Call it now and then.
  absl::StatusOr<int64_t> PurgeExpired();

  // False once storage failed.
  bool healthy() const { return healthy_.load(std::memory_order_acquire); }
  // Finishes what is queued, refuses what comes.
  void Stop();

 private:
  struct Item {
    PreparedWrite write;
    CommitCallback done;
    int64_t bytes = 0;
    // Not a write: purge, and tell how many.
    std::function<void(absl::StatusOr<int64_t>)> purged;
  };
  using Results = std::vector<absl::StatusOr<CommitResult>>;

  void Run();
  bool TakeGroup(std::vector<Item>* items);
  void CommitGroup(std::vector<Item>* items);
  void Purge(const Item& item);
  // Appends and applies; kHeadMoved when the group must be checked again.
  absl::StatusOr<store::AppendOutcome> Append(WriteGroup* group);
  absl::Status CatchUp();
  void Resolve(const Item& item, absl::StatusOr<CommitResult>* result) const;
  void Fail(const absl::Status& status);
  int64_t NowNs() const { return absl::ToUnixNanos(clock_->Now()); }

  Catalog& catalog_;
  store::Log& log_;
  const store::RecordReader& reader_;
  const model::Clock* const clock_;
  const CommitterOptions options_;
  std::atomic<bool> healthy_{true};

  absl::Mutex mu_;
  std::deque<Item> queue_ ABSL_GUARDED_BY(mu_);
  int64_t queued_bytes_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Mutex stop_mu_;
  std::thread thread_ ABSL_GUARDED_BY(stop_mu_);
};

}  // namespace tandem::catalog
