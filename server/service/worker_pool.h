// SPDX-License-Identifier: Apache-2.0

// Threads for work that may block: disk reads, plugin commands, imports. gRPC's own threads run
// every reaction of every call, so nothing there may wait. Bounded: when too much waits, the caller
// hears it at once.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace tandem::service {

// Thread-safe.
class WorkerPool {
 public:
  // `queue_limit`: tasks that may wait.
  WorkerPool(int threads, size_t queue_limit);
  // Finishes what waits, then ends the threads.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False when the queue is full or the pool has stopped; `task` is then not run.
  [[nodiscard]] bool TryRun(std::function<void()> task);
  // For steps of work that was admitted before: the queue's limit does not hold. False only when
  // the pool has stopped.
  [[nodiscard]] bool Continue(std::function<void()> task);

  // Finishes what waits and ends the threads. Later tasks are refused.
  void Stop();

 private:
  bool Enqueue(std::function<void()> task, bool limited);
  void Work();

  const size_t queue_limit_;
  absl::Mutex mu_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace tandem::service
