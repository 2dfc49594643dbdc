// SPDX-License-Identifier: Apache-2.0

#include "main/housekeeping.h"

#include <string>

#include "main/event_log.h"
#include "service/pairing_lapse.h"
#include "store/history.h"

namespace tandem::server {
namespace {

// Proposals that one commit ends: the writes of others wait for it.
constexpr int64_t kLapseBatch = 500;

}  // namespace

Housekeeping::Housekeeping(catalog::CommitterThread* committer, store::EmbeddedLog* log,
                           const service::Directory* directory, absl::Duration retention,
                           absl::Duration interval)
    : committer_(committer),
      log_(log),
      directory_(directory),
      retention_(retention),
      interval_(interval) {
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
  const absl::Status trimmed = TrimHistory();
  for (const absl::Status& result : {purged.status(), forgotten.status(), trimmed}) {
    if (result.ok()) continue;
    std::string detail = result.ToString();
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

absl::Status Housekeeping::TrimHistory() {
  if (retention_ == absl::InfiniteDuration()) return absl::OkStatus();
  absl::StatusOr<store::TrimmedHistory> trimmed =
      store::TrimHistory(log_, directory_->clock->Now() - retention_);
  if (!trimmed.ok() || trimmed->dropped == 0) return trimmed.status();
  // Consumers read the same in progress marks and pages of changes; this line is for operators.
  const std::string oldest_time =
      trimmed->oldest_time ? absl::FormatTime(*trimmed->oldest_time, absl::UTCTimeZone()) : "";
  LogEvent(Level::kInfo, "history_trimmed",
           {{"entries", trimmed->dropped},
            {"oldest_revision", log_->LogStart()},
            {"oldest_time", oldest_time}});
  return absl::OkStatus();
}

}  // namespace tandem::server
