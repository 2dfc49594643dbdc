// SPDX-License-Identifier: Apache-2.0

// What has to be done now and then while the server runs: deleted records whose time is over go for
// good, request ids are forgotten after a day, history that is older than the retention goes with
// the record versions it superseded, proposals lapse at their round's deadline.
#pragma once

#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/committer_thread.h"
#include "service/directory.h"
#include "store/embedded_log.h"

namespace tandem::server {

// Owns one thread from construction to destruction.
class Housekeeping {
 public:
  // All outlive this object. `directory` has catalog, reader, committer and clock. `retention`: how
  // long history is kept; infinite: for ever.
  Housekeeping(catalog::CommitterThread* committer, store::EmbeddedLog* log,
               const service::Directory* directory, absl::Duration retention,
               absl::Duration interval = absl::Minutes(1));
  ~Housekeeping();
  Housekeeping(const Housekeeping&) = delete;
  Housekeeping& operator=(const Housekeeping&) = delete;

 private:
  void Run();
  void DoRound();
  absl::Status TrimHistory();
  void LapseProposals();
  bool stopping() const;

  catalog::CommitterThread* const committer_;
  store::EmbeddedLog* const log_;
  const service::Directory* const directory_;
  const absl::Duration retention_;
  const absl::Duration interval_;
  mutable absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace tandem::server
