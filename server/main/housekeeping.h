// SPDX-License-Identifier: Apache-2.0

// What has to be done now and then while the server runs: deleted records whose time is over go for
// good, request ids are forgotten after a day.
#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/committer_thread.h"
#include "model/clock.h"
#include "store/embedded_log.h"

namespace tandem::server {

// Owns one thread from construction to destruction.
class Housekeeping {
 public:
  // All outlive this object.
  Housekeeping(catalog::CommitterThread* committer, store::EmbeddedLog* log,
               const model::Clock* clock, absl::Duration interval = absl::Minutes(1));
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Run();
  void DoRound();

  catalog::CommitterThread* const committer_;
  store::EmbeddedLog* const log_;
  const model::Clock* const clock_;
  const absl::Duration interval_;
  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace tandem::server
