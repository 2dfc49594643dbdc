// SPDX-License-Identifier: Apache-2.0

// A log in memory: the model that real logs and the committer are compared with. Small enough to be
// right by reading it. Can be told to misbehave the ways a real one may.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "store/log.h"
#include "store/record_reader.h"

namespace tandem::support {

// Thread-safe.
class MemoryLog final : public store::Log, public store::RecordReader {
 public:
  MemoryLog() = default;

  store::Revision Head() const override;
  absl::StatusOr<store::AppendOutcome> Append(store::Revision expected_head,
                                              absl::Span<const store::Entry> entries) override;
  absl::Status Feed(store::Revision from, const store::EntryVisitor& visitor) const override;
  // Never refuses: a feed that starts too early begins at the first entry kept.
  absl::Status CheckFeed(store::Revision /*from*/) const override { return absl::OkStatus(); }
  store::Revision LogStart() const override;
  absl::Status Scan(model::RecordType type, const store::RecordVisitor& visitor) const override;
  absl::Status Versions(model::RecordType type, std::string_view id, store::Revision at,
                        const store::RecordVisitor& visitor) const override;
  absl::Status ScanAt(model::RecordType type, store::Revision at, std::string_view after_id,
                      const store::RecordVisitor& visitor) const override;
  absl::Status Trim(store::Revision before) override;
  absl::StatusOr<std::optional<storage::v1::RequestRecord>> FindRequest(
      std::string_view principal, std::string_view method,
      std::string_view request_id) const override;

  absl::StatusOr<store::RecordBytes> Read(model::RecordType type, std::string_view id,
                                          store::Revision revision) const override;
  absl::StatusOr<std::optional<store::RecordBytes>> ReadCached(
      model::RecordType type, std::string_view id, store::Revision revision) const override;

  // The next append fails with this and writes nothing.
  void FailNextAppend(absl::Status status);
  // The next append answers kUnknown, having written or not.
  void LoseNextAnswer(bool written);
  // Appends as another node would: the next append of anybody else finds that the head moved.
  void AppendElsewhere(std::vector<store::RecordWrite> writes, int64_t commit_time_ns);
  // Number of successful appends.
  int append_count() const;

 private:
  struct Version {
    std::string bytes;
    uint32_t body_size = 0;
  };
  using RecordId = std::pair<model::RecordType, std::string>;

  void Write(const store::Entry& entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  mutable absl::Mutex mu_;
  store::Revision head_ ABSL_GUARDED_BY(mu_) = store::MakeRevision(1, 0);
  std::map<store::Revision, storage::v1::LogEntry> entries_ ABSL_GUARDED_BY(mu_);
  std::map<RecordId, std::map<store::Revision, Version>> versions_ ABSL_GUARDED_BY(mu_);
  std::map<std::tuple<std::string, std::string, std::string>, storage::v1::RequestRecord> requests_
      ABSL_GUARDED_BY(mu_);
  std::optional<absl::Status> fail_next_ ABSL_GUARDED_BY(mu_);
  std::optional<bool> lose_next_ ABSL_GUARDED_BY(mu_);
  int append_count_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace tandem::support
