// SPDX-License-Identifier: Apache-2.0

#include "catalog/committer_thread.h"

#include <utility>

#include "absl/synchronization/notification.h"
#include "catalog/wire_extractor.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::catalog {
namespace {

using model::MakeError;
using model::Reason;
using store::AppendOutcome;

constexpr absl::Duration kOverloadDelay = absl::Milliseconds(100);
// How often a group is checked again because another node appended first.
constexpr int kMaxAttempts = 16;

int64_t BytesOf(const PreparedWrite& write) {
  int64_t bytes = 256;
  for (const PreparedRecord& record : write.records) {
    bytes += static_cast<int64_t>(record.body.size() + record.id.size()) + 128;
  }
  return bytes;
}

}  // namespace

CommitterThread::CommitterThread(Catalog* catalog, store::Log* log,
                                 const store::RecordReader* reader, const model::Clock* clock,
                                 CommitterOptions options)
    : catalog_(*catalog),
      log_(*log),
      reader_(*reader),
      clock_(clock),
      options_(std::move(options)),
      thread_([this] { Run(); }) {}

CommitterThread::~CommitterThread() { Stop(); }

void CommitterThread::Stop() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  absl::MutexLock lock(&stop_mu_);
  if (thread_.joinable()) thread_.join();
}

void CommitterThread::Submit(PreparedWrite write, CommitCallback done) {
  for (PreparedRecord& record : write.records) IndexBody(&record);
  const int64_t bytes = BytesOf(write);
  absl::Status refused;
  {
    absl::MutexLock lock(&mu_);
    if (stopping_) {
      refused =
          MakeError(Reason::kShuttingDown, "the server is stopping; send the call to another one");
    } else if (!healthy()) {
      refused =
          MakeError(Reason::kStorageFailed, "storage failed; this server takes no more writes");
    } else if (static_cast<int64_t>(queue_.size()) >= options_.queue_writes ||
               (!queue_.empty() && queued_bytes_ + bytes > options_.queue_bytes)) {
      refused = model::WithRetryAfter(
          MakeError(Reason::kOverloaded, "too many writes are waiting; try again shortly"),
          kOverloadDelay);
    } else {
      queued_bytes_ += bytes;
      queue_.push_back({std::move(write), std::move(done), bytes, nullptr});
      return;
    }
  }
  done(std::move(refused));
}

absl::StatusOr<CommitResult> CommitterThread::Commit(PreparedWrite write) {
  absl::Notification ready;
  absl::StatusOr<CommitResult> result = absl::UnknownError("");
  Submit(std::move(write), [&](absl::StatusOr<CommitResult> outcome) {
    result = std::move(outcome);
    ready.Notify();
  });
  ready.WaitForNotification();
  return result;
}

absl::StatusOr<int64_t> CommitterThread::PurgeExpired() {
  absl::Notification ready;
  absl::StatusOr<int64_t> result = int64_t{0};
  {
    absl::MutexLock lock(&mu_);
    if (stopping_) return MakeError(Reason::kShuttingDown, "the server is stopping");
    queue_.push_back({{}, nullptr, 0, [&](absl::StatusOr<int64_t> outcome) {
                        result = std::move(outcome);
                        ready.Notify();
                      }});
  }
  ready.WaitForNotification();
  return result;
}

void CommitterThread::Run() {
  std::vector<Item> items;
  while (TakeGroup(&items)) {
    if (items.front().purged) {
      Purge(items.front());
    } else {
      CommitGroup(&items);
    }
    items.clear();
  }
}

bool CommitterThread::TakeGroup(std::vector<Item>* items) {
  absl::MutexLock lock(&mu_);
  auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !queue_.empty() || stopping_; };
  mu_.Await(absl::Condition(&ready));
  if (queue_.empty()) return false;
  int64_t records = 0, bytes = 0;
  while (!queue_.empty()) {
    const Item& next = queue_.front();
    const auto more = static_cast<int64_t>(next.write.records.size());
    // A purge stands alone.
    if (!items->empty() && (next.purged || records + more > options_.group_records ||
                            bytes + next.bytes > options_.group_bytes)) {
      break;
    }
    records += more;
    bytes += next.bytes;
    queued_bytes_ -= next.bytes;
    items->push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (items->back().purged) break;
  }
  return true;
}

absl::StatusOr<AppendOutcome> CommitterThread::Append(WriteGroup* group) {
  std::vector<store::Entry> entries = group->TakeEntries();
  absl::StatusOr<AppendOutcome> outcome = log_.Append(group->base(), entries);
  if (outcome.ok() && *outcome == AppendOutcome::kDurable) {
    catalog_.Apply(group->last(), group->TakeChanges());
    if (options_.on_published) options_.on_published(group->last(), std::move(entries));
  }
  if (!outcome.ok() && model::ErrorReason(outcome.status()) == Reason::kStorageFailed) {
    Fail(outcome.status());
  }
  return outcome;
}

void CommitterThread::CommitGroup(std::vector<Item>* items) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    Results results;
    results.reserve(items->size());
    if (!healthy()) {
      const absl::Status failed =
          MakeError(Reason::kStorageFailed, "storage failed; nothing was written");
      for (Item& item : *items) item.done(failed);
      return;
    }
    WriteGroup group(catalog_, log_, reader_, NowNs(), options_.purge_after);
    for (const Item& item : *items) results.push_back(group.Add(item.write));
    absl::StatusOr<AppendOutcome> outcome = AppendOutcome::kDurable;
    if (!group.empty()) outcome = Append(&group);
    if (outcome.ok() && *outcome == AppendOutcome::kHeadMoved) {
      if (absl::Status caught_up = CatchUp(); !caught_up.ok()) {
        for (Item& item : *items) item.done(caught_up);
        return;
      }
      continue;
    }
    if (outcome.ok() && *outcome == AppendOutcome::kUnknown) {
      // Whatever was or was not written, only the log itself can tell.
      const absl::Status caught_up = CatchUp();
      for (size_t i = 0; i < items->size(); ++i) {
        if (caught_up.ok()) {
          Resolve((*items)[i], &results[i]);
        } else {
          results[i] = caught_up;
        }
      }
    } else if (!outcome.ok()) {
      // Even a refusal may rest on an earlier write of the group that did not happen.
      for (auto& result : results) {
        if (!result.ok() || !result->replayed) result = outcome.status();
      }
    }
    for (size_t i = 0; i < items->size(); ++i) (*items)[i].done(std::move(results[i]));
    return;
  }
  for (Item& item : *items) {
    item.done(model::WithRetryAfter(
        MakeError(Reason::kWriteConflict, "other servers kept writing first; try again"),
        kOverloadDelay));
  }
}

void CommitterThread::Resolve(const Item& item, absl::StatusOr<CommitResult>* result) const {
  if (result->ok() && (*result)->replayed) return;
  const PreparedWrite& write = item.write;
  if (!write.request_id.empty()) {
    auto found = log_.FindRequest(write.principal, write.method, write.request_id);
    if (found.ok() && found->has_value() && (*found)->request_sha256() == write.request_sha256 &&
        (!write.partial || (*found)->import_number() >= write.import_number)) {
      CommitResult replay;
      replay.revision = (*found)->revision();
      replay.replayed = true;
      replay.replayed_names.assign((*found)->names().begin(), (*found)->names().end());
      replay.import_counts.assign((*found)->import_counts().begin(),
                                  (*found)->import_counts().end());
      *result = std::move(replay);
      return;
    }
  }
  *result =
      MakeError(Reason::kOutcomeUnknown,
                "the write may or may not have happened; send it again with the same request id");
}

void CommitterThread::Purge(const Item& item) {
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    if (!healthy()) break;
    WriteGroup group(catalog_, log_, reader_, NowNs(), options_.purge_after);
    const int64_t count = group.AddPurges(options_.group_records);
    if (count == 0) return item.purged(int64_t{0});
    absl::StatusOr<AppendOutcome> outcome = Append(&group);
    if (!outcome.ok()) return item.purged(outcome.status());
    if (*outcome == AppendOutcome::kDurable) return item.purged(count);
    if (absl::Status caught_up = CatchUp(); !caught_up.ok()) return item.purged(caught_up);
  }
  item.purged(MakeError(Reason::kStorageFailed, "nothing was purged"));
}

absl::Status CommitterThread::CatchUp() {
  std::vector<RowChange> changes;
  absl::Status status;
  store::Revision last = catalog_.revision();
  RETURN_IF_ERROR(
      log_.Feed(last + 1, [&](store::Revision revision, const storage::v1::LogEntry& entry) {
        for (const storage::v1::Change& change : entry.changes()) {
          RowChange row;
          row.type = static_cast<model::RecordType>(change.type());
          row.id = change.id();
          row.header.revision = revision;
          row.purged = change.kind() == storage::v1::CHANGE_KIND_PURGED;
          if (!row.purged) {
            absl::StatusOr<store::RecordBytes> stored = reader_.Read(row.type, row.id, revision);
            status = stored.status();
            const WireExtractor& extractor = WireExtractor::Of(row.type);
            RowItems values;
            if (status.ok()) status = extractor.Extract(stored->body(), &values);
            if (status.ok())
              status = ReadTail(stored->bytes().substr(stored->body().size()), &row.header);
            if (!status.ok()) return false;
            row.header.revision = revision;
            row.header.body_hash = HashBody(stored->body());
            row.values = RowBlob(extractor.table(), values);
          }
          changes.push_back(std::move(row));
        }
        last = revision;
        return true;
      }));
  RETURN_IF_ERROR(status);
  if (last == catalog_.revision()) return absl::OkStatus();
  catalog_.Apply(last, std::move(changes));
  if (options_.on_published) options_.on_published(last, {});
  return absl::OkStatus();
}

void CommitterThread::Fail(const absl::Status& status) {
  bool was_healthy = healthy_.exchange(false, std::memory_order_acq_rel);
  if (was_healthy && options_.on_storage_failed) options_.on_storage_failed(status);
}

}  // namespace tandem::catalog
