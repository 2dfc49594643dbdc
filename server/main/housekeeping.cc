// SPDX-License-Identifier: Apache-2.0

#include "main/housekeeping.h"

#include <string>

#include "main/event_log.h"
#include "service/pairing_lapse.h"

namespace tandem::server {
namespace {

// Proposals that one commit ends: the writes of others wait for it.
constexpr int64_t kLapseBatch = 500;

}  // namespace

Housekeeping::Housekeeping(catalog::CommitterThread* committer, store::EmbeddedLog* log,
                           const service::Directory* directory, absl::Duration interval)
    : committer_(committer), log_(log), directory_(directory), interval_(interval) {
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
  absl::StatusOr<int64_t> forgotten = log_->ExpireRequests(directory_->clock->Now());
  for (const auto* result : {&purged, &forgotten}) {
    if (result->ok()) continue;
    std::string detail = result->status().ToString();
    LogEvent(Level::kWarning, "housekeeping_failed", {{"detail", detail}});
  }
  if (purged.ok() && *purged > 0) {
    LogEvent(Level::kInfo, "records_purged", {{"count", *purged}});
  }
  LapseProposals();
}

void Housekeeping::LapseProposals() {
  int64_t total = 0;
  for (int64_t lapsed = kLapseBatch; lapsed == kLapseBatch && !stopping();) {
    absl::StatusOr<int64_t> batch = service::LapseProposals(*directory_, kLapseBatch);
    if (!batch.ok()) {
      std::string detail = batch.status().ToString();
      LogEvent(Level::kWarning, "housekeeping_failed", {{"detail", detail}});
      break;
    }
    lapsed = *batch;
    total += lapsed;
  }
  if (total > 0) LogEvent(Level::kInfo, "proposals_lapsed", {{"count", total}});
}

bool Housekeeping::stopping() const {
  absl::MutexLock lock(&mu_);
  return stopping_;
}

}  // namespace tandem::server
