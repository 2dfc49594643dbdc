// SPDX-License-Identifier: Apache-2.0

#include "service/change_batch.h"

#include <utility>

#include "catalog/wire_extractor.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/timestamp.pb.h"
#include "google/protobuf/util/time_util.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/resource_traits.h"
#include "model/status_macros.h"
#include "store/feed_start.h"
#include "tandem/v1/change_service.pb.h"

namespace tandem::service {
namespace {

using google::protobuf::io::CodedOutputStream;

// Wire tags of length-delimited fields: `events` of every answer, then of ChangeEvent.
constexpr char kEventTag = 0x0A;
constexpr char kRecordTag = (v1::ChangeEvent::kRecordFieldNumber << 3) | 2;
constexpr char kPreviousTag = (v1::ChangeEvent::kPreviousFieldNumber << 3) | 2;
// What a change keeps beside its bytes.
constexpr size_t kChangeOverhead = 256;

void AppendVarint(uint64_t value, std::string* out) {
  uint8_t bytes[10];
  uint8_t* end = CodedOutputStream::WriteVarint64ToArray(value, bytes);
  out->append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(end - bytes));
}

// A tandem.v1.Record in field `tag`. Its own field has the number of the record's type.
void AppendRecord(char tag, model::RecordType type, std::string_view bytes, std::string* out) {
  const auto record_tag = static_cast<uint32_t>(type) << 3U | 2U;
  out->push_back(tag);
  AppendVarint(CodedOutputStream::VarintSize32(record_tag) +
                   CodedOutputStream::VarintSize64(bytes.size()) + bytes.size(),
               out);
  AppendVarint(record_tag, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

grpc::Slice Frame(const std::string& event) {
  std::string head(1, kEventTag);
  AppendVarint(event.size(), &head);
  // A slice owns one block: allocated once, filled in place.
  grpc_slice slice = grpc_slice_malloc(head.size() + event.size());
  uint8_t* at = GRPC_SLICE_START_PTR(slice);
  std::copy(event.begin(), event.end(), std::copy(head.begin(), head.end(), at));
  return grpc::Slice(slice, grpc::Slice::STEAL_REF);
}

}  // namespace

bool IsWatched(model::RecordType type) {
  return !model::IsPersonal(type) && model::FindResource(type) != nullptr;
}

absl::StatusOr<std::optional<store::RecordBytes>> VersionSource::Read(model::RecordType type,
                                                                      std::string_view id,
                                                                      store::Revision version,
                                                                      store::Revision revision) {
  absl::StatusOr<std::optional<store::RecordBytes>> cached = reader->ReadCached(type, id, version);
  if (cached.ok() && *cached) {
    if (WasPurged(type, id, **cached)) return std::nullopt;
    return cached;
  }
  if (!may_block) {
    missed = true;
    return absl::UnavailableError("not in memory");
  }
  absl::StatusOr<store::RecordBytes> read = reader->Read(type, id, version);
  if (read.ok() && WasPurged(type, id, *read)) return std::nullopt;
  if (read.ok()) return std::optional(*std::move(read));
  if (model::ErrorReason(read.status()) != model::Reason::kResourceNotFound) return read.status();
  // Gone with the entry that superseded it, or with all versions of its record.
  RETURN_IF_ERROR(store::CheckFeedStart(revision, log->LogStart()));
  return std::nullopt;
}

bool VersionSource::WasPurged(model::RecordType type, std::string_view id,
                              const store::RecordBytes& version) const {
  const std::shared_ptr<const catalog::View> view = catalog->view();
  const std::optional<catalog::RowRef> row = view->Find(type, id);
  if (!row) return true;
  // Another record under the same name was created later.
  catalog::RowHeader header;
  const std::string_view tail = version.bytes().substr(version.body().size());
  return !catalog::ReadTail(tail, &header).ok() ||
         header.create_time_ns != row->segment->header(row->row).create_time_ns;
}

ChangeBatch::ChangeBatch(store::Entry entry)
    : revision_(entry.revision), commit_time_ns_(entry.commit_time_ns) {
  changes_.reserve(entry.writes.size());
  for (store::RecordWrite& write : entry.writes) {
    Change& change = changes_.emplace_back();
    change.header = {write.type, std::move(write.id), write.kind, write.previous_revision};
    change.after.loaded = true;
    bytes_ += kChangeOverhead + write.bytes.size();
    if (write.kind == storage::v1::CHANGE_KIND_PURGED || !IsWatched(write.type)) continue;
    auto owner = std::make_shared<const std::string>(std::move(write.bytes));
    change.after.bytes = store::RecordBytes(owner, *owner, write.body_size);
  }
}

ChangeBatch::ChangeBatch(store::Revision revision, const storage::v1::LogEntry& entry)
    : revision_(revision), commit_time_ns_(entry.commit_time_ns()) {
  changes_.reserve(static_cast<size_t>(entry.changes_size()));
  for (const storage::v1::Change& written : entry.changes()) {
    Change& change = changes_.emplace_back();
    change.header = {static_cast<model::RecordType>(written.type()), written.id(), written.kind(),
                     written.previous_revision()};
    change.after.loaded = written.kind() == storage::v1::CHANGE_KIND_PURGED;
    bytes_ += kChangeOverhead;
  }
}

absl::Status ChangeBatch::Load(const Change& change, bool after, VersionSource* source) const {
  Version& version = after ? change.after : change.before;
  if (version.loaded) return absl::OkStatus();
  const store::Revision wanted = after ? revision_ : change.header.previous_revision;
  // What a purge removed is gone.
  const bool there = wanted != 0 && change.header.kind != storage::v1::CHANGE_KIND_PURGED;
  if (there) {
    ASSIGN_OR_RETURN(version.bytes,
                     source->Read(change.header.type, change.header.id, wanted, revision_));
  }
  version.loaded = true;
  return absl::OkStatus();
}

absl::StatusOr<const query::VersionRow*> ChangeBatch::Row(const Change& change, bool after,
                                                          VersionSource* source) const {
  absl::MutexLock lock(&mu_);
  RETURN_IF_ERROR(Load(change, after, source));
  Version& version = after ? change.after : change.before;
  if (version.row == nullptr && version.bytes) {
    ASSIGN_OR_RETURN(version.row,
                     query::VersionRow::Read(change.header.type, change.header.id,
                                             version.bytes->bytes(), version.bytes->body().size()));
  }
  return version.row.get();
}

absl::StatusOr<const query::VersionRow*> ChangeBatch::After(size_t i, VersionSource* source) const {
  return Row(changes_[i], /*after=*/true, source);
}

absl::StatusOr<const query::VersionRow*> ChangeBatch::Before(size_t i,
                                                             VersionSource* source) const {
  return Row(changes_[i], /*after=*/false, source);
}

std::string ChangeBatch::Serialise(const Change& change, storage::v1::ChangeKind kind,
                                   bool with_record, bool with_previous) const {
  v1::ChangeEvent event;
  // The same numbers: a test holds that.
  event.set_kind(static_cast<v1::ChangeKind>(kind));
  event.set_name(model::FormatName(change.header.type, change.header.id));
  event.set_revision(revision_);
  event.set_previous_revision(change.header.previous_revision);
  *event.mutable_commit_time() =
      google::protobuf::util::TimeUtil::NanosecondsToTimestamp(commit_time_ns_);
  std::string bytes = event.SerializeAsString();
  if (with_record && change.after.bytes) {
    AppendRecord(kRecordTag, change.header.type, change.after.bytes->bytes(), &bytes);
  }
  if (with_previous && change.before.bytes) {
    AppendRecord(kPreviousTag, change.header.type, change.before.bytes->bytes(), &bytes);
  }
  return bytes;
}

absl::StatusOr<grpc::Slice> ChangeBatch::Framed(size_t i, VersionSource* source) const {
  const Change& change = changes_[i];
  absl::MutexLock lock(&mu_);
  if (!change.framed) {
    RETURN_IF_ERROR(Load(change, /*after=*/true, source));
    change.framed = Frame(Serialise(change, change.header.kind, /*with_record=*/true,
                                    /*with_previous=*/false));
  }
  return *change.framed;
}

absl::StatusOr<grpc::Slice> ChangeBatch::Reframed(size_t i, storage::v1::ChangeKind kind,
                                                  bool with_record, bool with_previous,
                                                  VersionSource* source) const {
  const Change& change = changes_[i];
  absl::MutexLock lock(&mu_);
  if (with_record) RETURN_IF_ERROR(Load(change, /*after=*/true, source));
  if (with_previous) RETURN_IF_ERROR(Load(change, /*after=*/false, source));
  return Frame(Serialise(change, kind, with_record, with_previous));
}

}  // namespace tandem::service
