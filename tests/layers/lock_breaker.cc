// SPDX-License-Identifier: Apache-2.0

// Touches a guarded member without its lock. No program is built from it: the test
// layers_locks_self sees to it that check_locks.py refuses it, and would thus refuse the same fault
// in server/.

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tandem::layers {

class Counter {
 public:
  // Wrong on purpose.
  void Add() { ++count_; }

 private:
  absl::Mutex mutex_;
  int count_ ABSL_GUARDED_BY(mutex_) = 0;
};

void AddOne(Counter& counter) { counter.Add(); }

}  // namespace tandem::layers
