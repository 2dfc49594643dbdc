// SPDX-License-Identifier: Apache-2.0

#include "support/memory_log.h"

#include <iterator>
#include <utility>

#include "model/error.h"

namespace tandem::support {

using model::MakeError;
using model::Reason;
using store::AppendOutcome;
using store::Revision;

Revision MemoryLog::Head() const {
  absl::MutexLock lock(&mu_);
  return head_;
}

Revision MemoryLog::LogStart() const {
  absl::MutexLock lock(&mu_);
  return entries_.empty() ? head_ + 1 : entries_.begin()->first;
}

void MemoryLog::Write(const store::Entry& entry) {
  storage::v1::LogEntry stored;
  stored.set_commit_time_ns(entry.commit_time_ns);
  stored.set_principal(entry.principal);
  stored.set_method(entry.method);
  stored.set_request_id(entry.request_id);
  for (const store::RecordWrite& write : entry.writes) {
    storage::v1::Change* change = stored.add_changes();
    change->set_type(static_cast<uint32_t>(write.type));
    change->set_id(write.id);
    change->set_kind(write.kind);
    change->set_previous_revision(write.previous_revision);
    if (write.kind == storage::v1::CHANGE_KIND_PURGED) {
      versions_.erase({write.type, write.id});
    } else {
      versions_[{write.type, write.id}][entry.revision] = {write.bytes, write.body_size};
    }
  }
  if (!entry.request_id.empty()) {
    requests_[{entry.principal, entry.method, entry.request_id}] = entry.request;
  }
  entries_[entry.revision] = std::move(stored);
  head_ = entry.revision;
}

absl::StatusOr<AppendOutcome> MemoryLog::Append(Revision expected_head,
                                                absl::Span<const store::Entry> entries) {
  absl::MutexLock lock(&mu_);
  if (fail_next_) return *std::exchange(fail_next_, std::nullopt);
  if (expected_head != head_) return AppendOutcome::kHeadMoved;
  Revision next = expected_head;
  for (const store::Entry& entry : entries) {
    if (entry.revision != ++next) return MakeError(Reason::kInternal, "revisions are not dense");
  }
  std::optional<bool> lost = std::exchange(lose_next_, std::nullopt);
  if (lost.value_or(true)) {
    for (const store::Entry& entry : entries) Write(entry);
    ++append_count_;
  }
  return lost ? AppendOutcome::kUnknown : AppendOutcome::kDurable;
}

absl::Status MemoryLog::Feed(Revision from, const store::EntryVisitor& visitor) const {
  std::map<Revision, storage::v1::LogEntry> copy;
  {
    absl::MutexLock lock(&mu_);
    copy.insert(entries_.lower_bound(from), entries_.end());
  }
  for (const auto& [revision, entry] : copy) {
    if (!visitor(revision, entry)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryLog::Scan(model::RecordType type, const store::RecordVisitor& visitor) const {
  std::map<RecordId, std::map<Revision, Version>> copy;
  {
    absl::MutexLock lock(&mu_);
    copy = versions_;
  }
  for (const auto& [key, versions] : copy) {
    if (key.first != type) continue;
    const auto& [revision, newest] = *versions.rbegin();
    if (!visitor(type, key.second, revision, newest.bytes, newest.body_size)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryLog::Versions(model::RecordType type, std::string_view id, Revision at,
                                 const store::RecordVisitor& visitor) const {
  std::map<Revision, Version> copy;
  {
    absl::MutexLock lock(&mu_);
    if (auto it = versions_.find({type, std::string(id)}); it != versions_.end()) copy = it->second;
  }
  for (auto it = copy.rbegin(); it != copy.rend(); ++it) {
    if (it->first > at) continue;
    if (!visitor(type, id, it->first, it->second.bytes, it->second.body_size)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryLog::ScanAt(model::RecordType type, Revision at, std::string_view after_id,
                               const store::RecordVisitor& visitor) const {
  std::map<RecordId, std::map<Revision, Version>> copy;
  {
    absl::MutexLock lock(&mu_);
    copy = versions_;
  }
  for (const auto& [key, versions] : copy) {
    if (key.first != type || key.second <= after_id) continue;
    auto newer = versions.upper_bound(at);
    if (newer == versions.begin()) continue;
    const auto& [revision, version] = *std::prev(newer);
    if (!visitor(type, key.second, revision, version.bytes, version.body_size)) break;
  }
  return absl::OkStatus();
}

absl::Status MemoryLog::Trim(Revision before) {
  absl::MutexLock lock(&mu_);
  entries_.erase(entries_.begin(), entries_.lower_bound(before));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<storage::v1::RequestRecord>> MemoryLog::FindRequest(
    std::string_view principal, std::string_view method, std::string_view request_id) const {
  absl::MutexLock lock(&mu_);
  auto it = requests_.find({std::string(principal), std::string(method), std::string(request_id)});
  if (it == requests_.end()) return std::optional<storage::v1::RequestRecord>();
  return std::optional(it->second);
}

absl::StatusOr<store::RecordBytes> MemoryLog::Read(model::RecordType type, std::string_view id,
                                                   Revision revision) const {
  absl::MutexLock lock(&mu_);
  auto record = versions_.find({type, std::string(id)});
  if (record != versions_.end()) {
    if (auto version = record->second.find(revision); version != record->second.end()) {
      auto kept = std::make_shared<std::string>(version->second.bytes);
      return store::RecordBytes(kept, *kept, version->second.body_size);
    }
  }
  return MakeError(Reason::kResourceNotFound, "no such version");
}

absl::StatusOr<std::optional<store::RecordBytes>> MemoryLog::ReadCached(model::RecordType type,
                                                                        std::string_view id,
                                                                        Revision revision) const {
  absl::StatusOr<store::RecordBytes> read = Read(type, id, revision);
  if (!read.ok()) return read.status();
  return std::optional(*std::move(read));
}

void MemoryLog::FailNextAppend(absl::Status status) {
  absl::MutexLock lock(&mu_);
  fail_next_ = std::move(status);
}

void MemoryLog::LoseNextAnswer(bool written) {
  absl::MutexLock lock(&mu_);
  lose_next_ = written;
}

void MemoryLog::AppendElsewhere(std::vector<store::RecordWrite> writes, int64_t commit_time_ns) {
  absl::MutexLock lock(&mu_);
  store::Entry entry;
  entry.revision = head_ + 1;
  entry.commit_time_ns = commit_time_ns;
  entry.principal = "elsewhere";
  entry.writes = std::move(writes);
  Write(entry);
}

int MemoryLog::append_count() const {
  absl::MutexLock lock(&mu_);
  return append_count_;
}

}  // namespace tandem::support
