// SPDX-License-Identifier: Apache-2.0

// Whether this process may still write. After one failed write or sync nobody knows what the disk
// holds, so nothing is acknowledged any more until the process starts again and reads what is
// really there.
#pragma once

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace tandem::store {

// Thread-safe.
class WriteHealth {
 public:
  // `on_failed` is called once, on the thread that saw the failure, with the error; may be empty.
  explicit WriteHealth(std::function<void(const absl::Status&)> on_failed)
      : on_failed_(std::move(on_failed)) {}

  // Stops writing for good; the first error stays.
  void Fail(const absl::Status& error) {
    {
      absl::MutexLock lock(&mutex_);
      if (!state_.ok()) return;
      state_ = error;
    }
    if (on_failed_) on_failed_(error);
  }

  // Says that the database met a full disk, in a write or behind the scenes.
  void MeetFullDisk() {
    absl::MutexLock lock(&mutex_);
    met_full_disk_ = true;
  }
  bool met_full_disk() const {
    absl::MutexLock lock(&mutex_);
    return met_full_disk_;
  }

  // OK, or the error that ended writing.
  absl::Status state() const {
    absl::MutexLock lock(&mutex_);
    return state_;
  }

 private:
  const std::function<void(const absl::Status&)> on_failed_;
  mutable absl::Mutex mutex_;
  absl::Status state_ ABSL_GUARDED_BY(mutex_);
  bool met_full_disk_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace tandem::store
