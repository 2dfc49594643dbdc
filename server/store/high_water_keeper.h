// SPDX-License-Identifier: Apache-2.0

// A thread that rewrites the high-water file after the head moved, at most once an interval, and a
// last time when it is stopped. Internal to store/.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "rocksdb/env.h"
#include "store/high_water.h"

namespace tandem::store {

// Thread-safe.
class HighWaterKeeper {
 public:
  // `mark` is what the file holds now. `head` gives a durable revision and `failed` hears of a
  // write that failed for another reason than a full disk (a full disk is tried again); both are
  // called on the thread.
  HighWaterKeeper(rocksdb::Env* env, std::string data_dir, HighWater mark, absl::Duration interval,
                  std::function<Revision()> head,
                  std::function<void(const rocksdb::Status&)> failed);
  // Stops without a last write unless Stop was called.
  ~HighWaterKeeper();

  HighWaterKeeper(const HighWaterKeeper&) = delete;
  HighWaterKeeper& operator=(const HighWaterKeeper&) = delete;

  // Ends the thread and writes the head a last time.
  rocksdb::Status Stop();

 private:
  void Run();
  void Join();
  rocksdb::Status WriteIfMoved();

  rocksdb::Env* const env_;
  const std::string data_dir_;
  const absl::Duration interval_;
  const std::function<Revision()> head_;
  const std::function<void(const rocksdb::Status&)> failed_;
  // Used by the thread, and by Stop after the thread ended.
  HighWater mark_;

  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tandem::store
