// SPDX-License-Identifier: Apache-2.0

#include "service/record_history.h"

#include <memory>
#include <optional>
#include <utility>

#include "model/error.h"
#include "model/field_changes.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"
#include "store/record_codec.h"

namespace tandem::service {
namespace {

using google::protobuf::Message;

// A version whose predecessor has not been seen yet.
struct Version {
  store::Revision revision = 0;
  std::string bytes;
  uint32_t body_size = 0;
  std::unique_ptr<Message> message;
};

void SetTime(int64_t ns, google::protobuf::Timestamp* out) {
  out->set_seconds(ns / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(ns % 1'000'000'000));
}

// Fills what the log entry of the version says of the record. False when the entry is not kept.
absl::StatusOr<bool> FillFromEntry(const model::ResourceTraits& resource, const store::Log& log,
                                   std::string_view id, v1::RevisionInfo* info) {
  bool found = false;
  absl::Status read =
      log.Feed(info->revision(), [&](store::Revision revision, const storage::v1::LogEntry& entry) {
        for (const storage::v1::Change& change : entry.changes()) {
          if (revision != info->revision() || change.id() != id ||
              change.type() != static_cast<uint32_t>(resource.type)) {
            continue;
          }
          found = true;
          info->set_previous_revision(change.previous_revision());
          info->set_kind(static_cast<v1::ChangeKind>(change.kind()));
        }
        if (found) {
          SetTime(entry.commit_time_ns(), info->mutable_commit_time());
          info->set_principal(entry.principal());
          info->set_method(entry.method());
        }
        return false;
      });
  const std::optional<model::Reason> reason = model::ErrorReason(read);
  const bool dropped =
      reason == model::Reason::kRevisionCompacted || reason == model::Reason::kHistoryChanged;
  if (!read.ok() && !dropped) return read;
  return found;
}

// What the version itself tells when nothing else does.
absl::Status FillFromTail(const Version& version, v1::RevisionInfo* info) {
  ASSIGN_OR_RETURN(store::Tail tail,
                   store::ParseTail(std::string_view(version.bytes).substr(version.body_size)));
  SetTime(tail.update_time_ns, info->mutable_commit_time());
  if (tail.delete_time_ns != 0) {
    info->set_kind(v1::CHANGE_KIND_DELETED);
  } else if (tail.create_time_ns == tail.update_time_ns) {
    info->set_kind(v1::CHANGE_KIND_CREATED);
  }
  return absl::OkStatus();
}

// Steps from versions: each is told once the version before it is known.
class History {
 public:
  History(const model::ResourceTraits& resource, const Directory& directory, std::string_view id,
          HistoryVisitor visit)
      : resource_(resource), directory_(directory), id_(id), visit_(visit) {}

  // The next older version. False when no more is wanted, or after an error.
  bool Add(store::Revision revision, std::string_view bytes, uint32_t body_size) {
    Version version{revision, std::string(bytes), body_size, nullptr};
    version.message.reset(resource_.prototype->New());
    status_ = ParseStored(bytes, id_, version.message.get());
    if (status_.ok() && pending_) status_ = Tell(version.message.get());
    pending_ = std::move(version);
    return status_.ok() && !stopped_;
  }

  absl::StatusOr<HistoryEnd> Finish() {
    if (status_.ok() && !stopped_ && pending_) status_ = Tell(nullptr);
    if (!status_.ok()) return status_;
    if (stopped_) return HistoryEnd::kStopped;
    return complete_ ? HistoryEnd::kComplete : HistoryEnd::kCompacted;
  }

 private:
  absl::Status Tell(const Message* before) {
    v1::RevisionInfo info;
    info.set_revision(pending_->revision);
    ASSIGN_OR_RETURN(bool kept, FillFromEntry(resource_, *directory_.log, id_, &info));
    if (!kept) {
      RETURN_IF_ERROR(FillFromTail(*pending_, &info));
    } else if (info.kind() == v1::CHANGE_KIND_UPDATED && before != nullptr) {
      for (std::string& path : model::ChangedPaths(*before, *pending_->message)) {
        info.add_changed_paths(std::move(path));
      }
    }
    complete_ = info.kind() == v1::CHANGE_KIND_CREATED;
    stopped_ = !visit_({std::move(info), pending_->bytes});
    return absl::OkStatus();
  }

  const model::ResourceTraits& resource_;
  const Directory& directory_;
  const std::string_view id_;
  const HistoryVisitor visit_;
  std::optional<Version> pending_;
  absl::Status status_;
  bool stopped_ = false;
  // Whether the last step told was the record's first.
  bool complete_ = true;
};

}  // namespace

absl::StatusOr<HistoryEnd> ReadHistory(const model::ResourceTraits& resource,
                                       const Directory& directory, std::string_view id,
                                       store::Revision from, HistoryVisitor visit) {
  History history(resource, directory, id, visit);
  RETURN_IF_ERROR(directory.log->Versions(
      resource.type, id, from,
      [&](model::RecordType, std::string_view, store::Revision revision, std::string_view bytes,
          uint32_t body_size) { return history.Add(revision, bytes, body_size); }));
  return history.Finish();
}

}  // namespace tandem::service
