// SPDX-License-Identifier: Apache-2.0

#include "catalog/write_group.h"

#include <algorithm>

#include "catalog/wire_extractor.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "store/record_codec.h"

namespace tandem::catalog {
namespace {

using model::MakeError;
using model::Reason;
using model::RecordType;

std::string NameOf(RecordType type, std::string_view id) { return StrCat(NamePrefix(type), id); }

absl::Status Conflict(RecordType type, std::string_view id, store::Revision current) {
  const std::string name = NameOf(type, id);
  return model::WithRetryAfter(
      model::ResourceError(Reason::kWriteConflict, model::CollectionOf(type), name,
                           StrCat(name, " changed while the call was being served; send it again"),
                           {{"currentEtag", store::EtagOf(current)}}),
      kWriteRetryDelay);
}

std::string RequestKey(const PreparedWrite& write) {
  return MapEntry(MapEntry(write.principal, write.method), write.request_id);
}

}  // namespace

WriteGroup::WriteGroup(const Catalog& catalog, const store::Log& log,
                       const store::RecordReader& reader, int64_t now_ns,
                       absl::Duration purge_after)
    : catalog_(catalog),
      log_(log),
      reader_(reader),
      view_(catalog.view()),
      base_(view_->revision()),
      now_ns_(now_ns),
      purge_after_(purge_after) {}

std::optional<CurrentVersion> WriteGroup::Find(RecordType type, std::string_view id) const {
  if (const StagedVersion* staged = staged_.Find(type, id)) {
    if (staged->change.purged) return std::nullopt;
    return CurrentVersion{{}, staged};
  }
  std::optional<RowRef> row = view_->Find(type, id);
  if (!row) return std::nullopt;
  return CurrentVersion{*row, nullptr};
}

bool WriteGroup::IsStaged(RecordType type, std::string_view id) const {
  return staged_.Find(type, id) != nullptr;
}

absl::StatusOr<CommitResult> WriteGroup::Add(const PreparedWrite& write) {
  absl::Status refused;
  if (std::optional<CommitResult> replay = FindReplay(write, &refused)) return *std::move(replay);
  RETURN_IF_ERROR(refused);
  RETURN_IF_ERROR(CheckGuards(write));

  const size_t first = staged_.size();
  // By staged version from `first`: the record of the write it came from.
  std::vector<size_t> origins;
  CommitResult result;
  result.records.resize(write.records.size());
  std::vector<int64_t> counts = write.import_counts;
  if (write.partial) {
    counts.resize(kImportOutcomes, 0);
    AddPartial(write, &result, &counts);
  }
  for (size_t i = 0; !write.partial && i < write.records.size(); ++i) {
    RecordResult& record = result.records[i];
    const size_t before = staged_.size();
    record.status = Stage(write.records[i], &record);
    if (!record.status.ok()) {
      UndoTo(first);
      return model::AtPlace(record.status, write.records[i].place);
    }
    if (staged_.size() > before) {
      record.child_count = static_cast<int64_t>(staged_.size() - before) - 1;
    }
    origins.resize(staged_.size() - first, i);
  }
  for (size_t i = first; !write.partial && i < staged_.size(); ++i) {
    if (absl::Status status = CheckStaged(i); !status.ok()) {
      UndoTo(first);
      return model::AtPlace(status, write.records[origins[i - first]].place);
    }
  }

  result.import_counts = counts;
  // A write without changes still rests on what the group is about to write.
  result.revision = staged_.size() > first ? next_revision() : last();
  if (write.validate_only) {
    UndoTo(first);
    // The records tell what they would get; the state this was checked against is older.
    result.revision = last();
    return result;
  }
  if (staged_.size() > first) {
    entries_.push_back({&write, staged_.size(), std::move(counts)});
    if (!write.request_id.empty()) {
      requests_[RequestKey(write)] = write.partial ? write.import_number : -1;
    }
  }
  return result;
}

void WriteGroup::AddPartial(const PreparedWrite& write, CommitResult* result,
                            std::vector<int64_t>* counts) {
  const std::vector<PreparedRecord>& records = write.records;
  for (size_t begin = 0, end = 0; begin < records.size(); begin = end) {
    end = begin + 1;
    while (end < records.size() && records[end].with_previous) ++end;
    const size_t before = staged_.size();
    absl::Status status;
    for (size_t i = begin; i < end && status.ok(); ++i) {
      status = Stage(records[i], &result->records[i]);
    }
    for (size_t i = before; i < staged_.size() && status.ok(); ++i) status = CheckStaged(i);
    ImportOutcome outcome = records[begin].counted_as.value_or(
        records[begin].kind == WriteKind::kCreate ? ImportOutcome::kCreated
                                                  : ImportOutcome::kUpdated);
    if (!status.ok()) {
      UndoTo(before);
      outcome = ImportOutcome::kFailed;
      for (size_t i = begin; i < end; ++i) {
        result->records[i] = RecordResult();
        result->records[i].status = status;
      }
    } else if (staged_.size() == before) {
      outcome = ImportOutcome::kUnchanged;
    }
    ++(*counts)[static_cast<size_t>(outcome)];
  }
}

std::optional<CommitResult> WriteGroup::FindReplay(const PreparedWrite& write,
                                                   absl::Status* refused) const {
  if (write.request_id.empty() || write.validate_only) return std::nullopt;
  if (auto it = requests_.find(RequestKey(write)); it != requests_.end()) {
    // A later chunk of the same import may share a group with an earlier one.
    if (write.partial && it->second >= 0 && write.import_number > it->second) return std::nullopt;
    *refused = model::WithRetryAfter(
        MakeError(Reason::kWriteConflict, "a call with the same request id is being served",
                  {{"requestId", write.request_id}}),
        kWriteRetryDelay);
    return std::nullopt;
  }
  absl::StatusOr<std::optional<storage::v1::RequestRecord>> found =
      log_.FindRequest(write.principal, write.method, write.request_id);
  if (!found.ok()) {
    *refused = found.status();
    return std::nullopt;
  }
  if (!found->has_value()) return std::nullopt;
  const storage::v1::RequestRecord& request = **found;
  if (request.request_sha256() != write.request_sha256) {
    *refused = MakeError(Reason::kRequestIdReused,
                         StrCat("request id ", write.request_id, " was used with another request"),
                         {{"requestId", write.request_id}});
    return std::nullopt;
  }
  if (write.partial && write.import_number > request.import_number()) return std::nullopt;
  CommitResult result;
  result.revision = request.revision();
  result.replayed = true;
  result.replayed_names.assign(request.names().begin(), request.names().end());
  result.import_counts.assign(request.import_counts().begin(), request.import_counts().end());
  return result;
}

absl::Status WriteGroup::CheckGuards(const PreparedWrite& write) const {
  for (const RecordGuard& guard : write.guards) {
    std::optional<CurrentVersion> current = Find(guard.type, guard.id);
    const store::Revision revision = current ? current->header().revision : 0;
    if (revision != guard.revision) return Conflict(guard.type, guard.id, revision);
  }
  return absl::OkStatus();
}

absl::Status WriteGroup::CheckBase(const PreparedRecord& record,
                                   const std::optional<CurrentVersion>& current) const {
  const std::string_view collection = model::CollectionOf(record.type);
  const std::string name = NameOf(record.type, record.id);
  if (record.kind == WriteKind::kCreate) {
    if (!current) return absl::OkStatus();
    if (current->deleted()) {
      return model::ResourceError(
          Reason::kResourceDeletedExists, collection, name,
          StrCat(name, " belongs to a deleted record; undelete it or wait for its purge"));
    }
    return model::ResourceError(Reason::kResourceExists, collection, name,
                                StrCat(name, " exists already"));
  }
  if (!current) {
    return model::ResourceError(Reason::kResourceNotFound, collection, name,
                                StrCat(name, " does not exist"));
  }
  const bool deleted = current->deleted();
  if (record.kind == WriteKind::kUndelete && !deleted) {
    return model::ResourceError(Reason::kResourceExists, collection, name,
                                StrCat(name, " is not deleted"));
  }
  if (record.kind == WriteKind::kPurge && !deleted) {
    return model::PreconditionError(Reason::kStateWrong,
                                    StrCat(name, " is live; only a deleted record can be purged"),
                                    "RECORD_STATE", {name}, {{"name", name}});
  }
  if (record.kind != WriteKind::kUndelete && record.kind != WriteKind::kPurge && deleted) {
    return model::ResourceError(Reason::kResourceNotFound, collection, name,
                                StrCat(name, " is deleted"));
  }
  const store::Revision revision = current->header().revision;
  if (record.base_revision == revision) return absl::OkStatus();
  if (!record.etag_given) return Conflict(record.type, record.id, revision);
  return model::ResourceError(Reason::kEtagMismatch, collection, name,
                              StrCat(name, " changed since it was read; read it again"),
                              {{"currentEtag", store::EtagOf(revision)}});
}

absl::Status WriteGroup::StageChildren(const PreparedRecord& record,
                                       store::Revision parent_revision) {
  const bool deletes = record.kind == WriteKind::kDelete;
  if (record.kind != WriteKind::kUndelete && !(deletes && record.with_children)) {
    return absl::OkStatus();
  }
  const std::string name = NameOf(record.type, record.id);
  size_t count = 0;
  for (RecordType type : model::kAllRecordTypes) {
    if (model::ParentTypeOf(type) != record.type) continue;
    std::vector<std::string> children;
    // What lies below a merged record belongs to its survivor.
    for (const std::string& each : NamesOf(record.type, name)) {
      const std::vector<std::string> below =
          Referring(*FieldTable::Of(type).child_of(), type, each);
      children.insert(children.end(), below.begin(), below.end());
    }
    for (const std::string& child_name : children) {
      PreparedRecord child;
      child.type = type;
      child.id = child_name.substr(NamePrefix(type).size());
      child.kind = record.kind;
      const std::optional<CurrentVersion> current = Find(type, child.id);
      // Those that were deleted by themselves, before or beside the parent, stay deleted.
      if (!current || current->deleted() == deletes) continue;
      if (!deletes && current->header().revision != parent_revision) continue;
      child.base_revision = current->header().revision;
      if (++count > kMaxChildrenWithParent) {
        return MakeError(Reason::kLimitExceeded,
                         StrCat(name, " has more than ", kMaxChildrenWithParent, " ",
                                model::CollectionOf(type), "; delete them in batches first"),
                         {{"limit", "children"}, {"max", StrCat(kMaxChildrenWithParent)}});
      }
      RecordResult unused;
      RETURN_IF_ERROR(Stage(child, &unused));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> WriteGroup::BodyOf(const PreparedRecord& record,
                                               const CurrentVersion& current) const {
  if (current.staged != nullptr) return current.staged->bytes.substr(0, current.staged->body_size);
  ASSIGN_OR_RETURN(store::RecordBytes stored,
                   reader_.Read(record.type, record.id, current.header().revision));
  return std::string(stored.body());
}

absl::Status WriteGroup::Stage(const PreparedRecord& record, RecordResult* result) {
  const std::optional<CurrentVersion> current = Find(record.type, record.id);
  RETURN_IF_ERROR(CheckBase(record, current));
  if (record.kind == WriteKind::kPurge) {
    result->revision = next_revision();
    PushPurge(record.type, record.id, current->header().revision);
    return absl::OkStatus();
  }
  const RowHeader before = current ? current->header() : RowHeader();
  const bool keeps_body = record.kind == WriteKind::kDelete || record.kind == WriteKind::kUndelete;
  std::string own_body;
  if (keeps_body) {
    ASSIGN_OR_RETURN(own_body, BodyOf(record, *current));
  }
  const std::string& body = keeps_body ? own_body : record.body;
  const uint64_t body_hash = HashBody(body);
  const bool indexed = !record.values.empty() && record.indexed_hash == body_hash;
  if (!indexed) RETURN_IF_ERROR(store::CheckBody(body));

  StagedVersion staged;
  staged.previous = before.revision;
  staged.body_size = static_cast<uint32_t>(body.size());
  staged.change.type = record.type;
  staged.change.id = record.id;
  RowHeader& header = staged.change.header;
  header.body_hash = body_hash;
  if (record.kind == WriteKind::kUpdate && header.body_hash == before.body_hash) {
    // The hash says "the same"; only the bytes decide.
    ASSIGN_OR_RETURN(std::string stored, BodyOf(record, *current));
    if (stored == body) {
      result->unchanged = true;
      result->revision = before.revision;
      result->bytes = store::AppendTail(
          body, {before.revision, before.create_time_ns, before.update_time_ns, 0, 0});
      return absl::OkStatus();
    }
  }
  header.revision = next_revision();
  header.create_time_ns = current ? before.create_time_ns : now_ns_;
  header.update_time_ns = now_ns_;
  switch (record.kind) {
    case WriteKind::kCreate:
      staged.kind = storage::v1::CHANGE_KIND_CREATED;
      break;
    case WriteKind::kUpdate:
      staged.kind = storage::v1::CHANGE_KIND_UPDATED;
      break;
    case WriteKind::kDelete:
      staged.kind = storage::v1::CHANGE_KIND_DELETED;
      header.delete_time_ns = now_ns_;
      header.purge_time_ns = store::PurgeTimeNs(now_ns_, purge_after_);
      break;
    case WriteKind::kUndelete:
      staged.kind = storage::v1::CHANGE_KIND_UNDELETED;
      break;
    case WriteKind::kPurge:
      return absl::InternalError("a purge has no version");
  }
  if (indexed) {
    staged.change.values = record.values;
  } else {
    const WireExtractor& extractor = WireExtractor::Of(record.type);
    RowItems values;
    RETURN_IF_ERROR(extractor.Extract(body, &values));
    staged.change.values = RowBlob(extractor.table(), values);
  }
  staged.bytes =
      store::AppendTail(body, {header.revision, header.create_time_ns, header.update_time_ns,
                               header.delete_time_ns, header.purge_time_ns});
  result->revision = header.revision;
  result->bytes = staged.bytes;
  Push(std::move(staged));
  return StageChildren(record, before.revision);
}

void WriteGroup::Push(StagedVersion staged) {
  if (staged.change.header.delete_time_ns != 0) known_targets_.erase(staged.name());
  staged_.Push(std::move(staged));
}

void WriteGroup::UndoTo(size_t count) {
  if (staged_.size() == count) return;
  // Some of them may be among what is taken back.
  known_targets_.clear();
  staged_.UndoTo(count);
}

std::vector<store::Entry> WriteGroup::TakeEntries() {
  std::vector<store::Entry> entries;
  entries.reserve(entries_.size());
  size_t at = 0;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const EntryPlan& plan = entries_[i];
    store::Entry entry;
    entry.revision = base_ + static_cast<int64_t>(i) + 1;
    entry.commit_time_ns = now_ns_;
    if (plan.write != nullptr) {
      entry.principal = plan.write->principal;
      entry.method = plan.write->method;
      entry.request_id = plan.write->request_id;
    } else {
      entry.principal = "system";
      entry.method = "purge";
    }
    for (; at < plan.end; ++at) {
      StagedVersion& staged = staged_[at];
      entry.writes.push_back({staged.change.type, staged.change.id, staged.kind, staged.previous,
                              std::move(staged.bytes), staged.body_size});
      if (!entry.request_id.empty() && !plan.write->partial) {
        entry.request.add_names(NameOf(staged.change.type, staged.change.id));
      }
    }
    if (!entry.request_id.empty()) {
      entry.request.set_request_sha256(plan.write->request_sha256);
      entry.request.set_revision(entry.revision);
      entry.request.set_commit_time_ns(now_ns_);
      if (plan.write->partial) {
        entry.request.set_import_number(plan.write->import_number);
        for (int64_t count : plan.import_counts) entry.request.add_import_counts(count);
      }
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::vector<RowChange> WriteGroup::TakeChanges() {
  std::vector<RowChange> changes;
  changes.reserve(staged_.size());
  for (size_t i = 0; i < staged_.size(); ++i) changes.push_back(std::move(staged_[i].change));
  return changes;
}

void WriteGroup::PushPurge(RecordType type, std::string_view id, store::Revision previous) {
  // Its parent may have taken it along.
  if (IsStaged(type, id)) return;
  const std::string name = NameOf(type, id);
  StagedVersion staged;
  staged.kind = storage::v1::CHANGE_KIND_PURGED;
  staged.previous = previous;
  staged.change.type = type;
  staged.change.id = std::string(id);
  staged.change.purged = true;
  staged.change.header.revision = next_revision();
  Push(std::move(staged));
  for (RecordType other : model::kAllRecordTypes) {
    const FieldTable& fields = FieldTable::Of(other);
    const IndexedField* owner = nullptr;
    if (model::ParentTypeOf(other) == type) owner = fields.child_of();
    if (model::SubjectTypeOf(other) == type) owner = fields.subject();
    if (owner == nullptr) continue;
    for (const std::string& owned : Referring(*owner, other, name)) {
      const std::string_view owned_id = std::string_view(owned).substr(NamePrefix(other).size());
      PushPurge(other, owned_id, Find(other, owned_id)->header().revision);
    }
  }
}

int64_t WriteGroup::AddPurges(int64_t limit) {
  int64_t count = 0;
  for (RecordType type : model::kAllRecordTypes) {
    if (count >= limit || view_->DeletedCount(type) == 0) continue;
    for (const SegmentView& part : view_->segments(type)) {
      const AliveRows alive = part.alive();
      auto consider = [&](uint32_t row) {
        if (count >= limit || !alive.Contains(row)) return;
        const Segment& segment = part.segment();
        std::optional<int64_t> purge_time = segment.Integer(kPurgeTimeField, row);
        if (!purge_time || *purge_time > now_ns_) return;
        // While old names stand for it, its own must not become somebody else's.
        if (NamesOf(type, NameOf(type, segment.id(row))).size() > 1) return;
        const size_t before = staged_.size();
        PushPurge(type, segment.id(row), segment.revision(row));
        count += static_cast<int64_t>(staged_.size() - before);
      };
      if (const Roaring* deleted = part.segment().deleted_rows()) {
        for (uint32_t row : *deleted) consider(row);
      } else {
        for (uint32_t row = 0; row < part.row_count(); ++row) consider(row);
      }
    }
  }
  if (count > 0) entries_.push_back({nullptr, staged_.size(), {}});
  return count;
}

}  // namespace tandem::catalog
