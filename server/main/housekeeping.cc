// SPDX-License-Identifier: Apache-2.0

#include "main/housekeeping.h"

#include <string>

#include "main/event_log.h"

namespace tandem::server {

Housekeeping::Housekeeping(catalog::CommitterThread* committer, store::EmbeddedLog* log,
                           const model::Clock* clock, absl::Duration interval)
    : committer_(committer), log_(log), clock_(clock), interval_(interval) {
  thread_ = std::thread([this] { Run(); });
}

Housekeeping::~Housekeeping() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

void Housekeeping::Run() {
  while (true) {
    DoRound();
    absl::MutexLock lock(&mu_);
    if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), interval_)) return;
  }
}

void Housekeeping::DoRound() {
  absl::StatusOr<int64_t> purged = committer_->PurgeExpired();
  absl::StatusOr<int64_t> forgotten = log_->ExpireRequests(clock_->Now());
  for (const auto* result : {&purged, &forgotten}) {
    if (result->ok()) continue;
    std::string detail = result->status().ToString();
    LogEvent(Level::kWarning, "housekeeping_failed", {{"detail", detail}});
  }
  if (purged.ok() && *purged > 0) {
    LogEvent(Level::kInfo, "records_purged", {{"count", *purged}});
  }
}

}  // namespace tandem::server
