// SPDX-License-Identifier: Apache-2.0

#include "service/import_ledger.h"

#include <openssl/sha.h>

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "service/write_flow.h"

namespace tandem::service {
namespace {

using model::Reason;

std::string OptionsSha256(const v1::ImportOptions& options) {
  v1::ImportOptions copy = options;
  copy.clear_request_id();
  std::string bytes = model::SerializeCanonical(copy);
  unsigned char digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest);
  return std::string(reinterpret_cast<const char*>(digest), sizeof(digest));
}

void AddWarnings(const ImportRecord& record, v1::ImportResponse* response) {
  if (record.warnings.empty()) return;
  v1::ImportWarning* warning = response->add_warnings();
  warning->set_number(record.number);
  for (const model::FieldViolation& violation : record.warnings) {
    v1::ImportFieldViolation* out = warning->add_violations();
    out->set_field(violation.field);
    out->set_description(violation.description);
  }
}

// Somebody else wrote the record between our look and the commit.
bool IsRace(const absl::Status& status, const v1::ImportOptions& options) {
  std::optional<Reason> reason = model::ErrorReason(status);
  if (reason == Reason::kWriteConflict) return true;
  // A record that is there would have been taken another way.
  return reason == Reason::kResourceExists &&
         (options.has_sync() || options.on_conflict() == v1::IMPORT_CONFLICT_RULE_SKIP ||
          options.on_conflict() == v1::IMPORT_CONFLICT_RULE_REPLACE);
}

}  // namespace

ImportLedger::ImportLedger(const model::ResourceTraits& resource, const Directory& directory,
                           std::string method, std::string principal)
    : resource_(resource),
      directory_(directory),
      method_(std::move(method)),
      principal_(std::move(principal)) {}

void ImportLedger::Take(ImportChunk chunk, Answer answer) {
  answer_ = std::move(answer);
  chunk_ = std::move(chunk);
  response_.Clear();
  pending_.clear();
  attempts_ = 0;
  if (absl::Status status = TakeOptions(chunk_); !status.ok()) return Fail(std::move(status));
  if (absl::Status status = CheckNumbers(chunk_); !status.ok()) return Fail(std::move(status));
  if (absl::Status status = NoteRows(); !status.ok()) return Fail(std::move(status));
  // A resumed client may send again what is settled.
  for (size_t i = 0; i < chunk_.records.size(); ++i) {
    if (chunk_.records[i].number > durable_number_) pending_.push_back(i);
  }
  CommitNext();
}

absl::Status ImportLedger::TakeOptions(const ImportChunk& chunk) {
  if (have_options_) {
    if (!chunk.options) return absl::OkStatus();
    return model::FieldsInvalid({{"options", "belong into the first message only"}});
  }
  if (!chunk.options) {
    return model::FieldsInvalid({{"options", "are required in the first message"}});
  }
  have_options_ = true;
  options_ = *chunk.options;
  if (options_.has_sync()) {
    ASSIGN_OR_RETURN(sync_, SyncRun::Start(resource_, options_, directory_));
  }
  if (options_.request_id().empty() || options_.validate_only()) return absl::OkStatus();
  if (!model::IsUuid(options_.request_id())) {
    return model::FieldsInvalid({{"options.request_id", "is no UUID"}});
  }
  options_sha256_ = OptionsSha256(options_);
  ASSIGN_OR_RETURN(std::optional<storage::v1::RequestRecord> record,
                   directory_.log->FindRequest(principal_, method_, options_.request_id()));
  if (!record) return absl::OkStatus();
  if (record->request_sha256() != options_sha256_) {
    return model::MakeError(
        Reason::kRequestIdReused,
        StrCat("the request id ", options_.request_id(), " was used with other options"),
        {{"requestId", options_.request_id()}});
  }
  durable_number_ = record->import_number();
  counts_ = FromImportCounts(record->import_counts());
  return absl::OkStatus();
}

absl::Status ImportLedger::CheckNumbers(const ImportChunk& chunk) {
  RETURN_IF_ERROR(CheckSyncEnd(chunk));
  if (chunk.records.empty()) return absl::OkStatus();
  // What is missing can only be told of a file that was sent whole.
  const bool whole = sync_ != nullptr && sync_->full();
  const int64_t next = (whole ? sync_->row_count() : durable_number_) + 1;
  if (whole ? chunk.first_number == next : chunk.first_number <= next) return absl::OkStatus();
  return model::FieldsInvalid(
      {{"first_number",
        whole
            ? StrCat(chunk.first_number, " is not the next number, ", next,
                     ": a full sync sends every record, a resumed one from the first on")
            : StrCat(chunk.first_number, " leaves a gap: the next record has the number ", next)}});
}

absl::Status ImportLedger::CheckSyncEnd(const ImportChunk& chunk) const {
  if (sync_ended_) return model::FieldsInvalid({{"sync_end", "was sent; nothing may follow it"}});
  if (!chunk.sync_end) return absl::OkStatus();
  if (sync_ == nullptr || !sync_->full()) {
    return model::FieldsInvalid({{"sync_end", "ends a full sync; this is none"}});
  }
  if (!chunk.records.empty()) {
    return model::FieldsInvalid({{"sync_end", "goes without records, in a message of its own"}});
  }
  if (chunk.sync_end->unread_count() < 0) {
    return model::FieldsInvalid({{"sync_end.unread_count", "can't be negative"}});
  }
  if (chunk.sync_end->record_count() == sync_->row_count()) return absl::OkStatus();
  return model::FieldsInvalid(
      {{"sync_end.record_count", StrCat(chunk.sync_end->record_count(), " records were meant, ",
                                        sync_->row_count(), " arrived")}});
}

absl::Status ImportLedger::NoteRows() {
  if (sync_ == nullptr) return absl::OkStatus();
  for (ImportRecord& record : chunk_.records) {
    // Sent again within this stream: noted already.
    if (!sync_->full() && record.number <= durable_number_) continue;
    RETURN_IF_ERROR(sync_->Note(&record));
  }
  return absl::OkStatus();
}

ResolvedRecord ImportLedger::Resolve(const ImportRecord& record, absl::Time now,
                                     DirectoryReader* reader) const {
  return sync_ != nullptr ? sync_->Resolve(record, now, reader)
                          : ResolveRecord(resource_, record, options_.on_conflict(), now, reader);
}

// Resolves pending records up to the end, or to one whose name is in the batch already, and submits
// them.
void ImportLedger::CommitNext() {
  if (pending_.empty()) return chunk_.sync_end ? EndSync() : AnswerChunk();
  DirectoryReader reader(directory_, /*may_block=*/true);
  absl::Time now = directory_.clock->Now();
  batch_.clear();
  batch_errors_.clear();
  batch_counts_ = counts_;
  catalog::PreparedWrite write;
  absl::flat_hash_set<std::string> keys;
  absl::flat_hash_set<std::string> guarded;
  // What is stored as settled can't be tried again. So a batch that stores its progress fails whole
  // when somebody else was faster with one of its records, except for the last attempt.
  bool guards_all = keeps_progress() && attempts_ + 1 < kMaxWriteAttempts;
  int64_t last_number = 0;
  while (!pending_.empty()) {
    size_t position = pending_.front();
    const ImportRecord& record = chunk_.records[position];
    ResolvedRecord resolved = Resolve(record, now, &reader);
    bool in_batch = false;
    for (const std::string& key : resolved.keys) in_batch = in_batch || keys.contains(key);
    if (in_batch) break;
    keys.insert(resolved.keys.begin(), resolved.keys.end());
    pending_.pop_front();
    last_number = std::max(last_number, record.number);
    if (sync_ != nullptr) chunk_.records[position].warnings = std::move(resolved.warnings);
    if (resolved.outcome) {
      Count(*resolved.outcome, &batch_counts_);
      if (*resolved.outcome == ImportOutcome::kFailed) {
        batch_errors_.push_back(ErrorOf(record.number, resolved.status));
      }
      continue;
    }
    for (catalog::RecordGuard& guard : resolved.guards) {
      if (guarded.insert(model::FormatName(guard.type, guard.id)).second) {
        write.guards.push_back(std::move(guard));
      }
    }
    const catalog::PreparedRecord& head = resolved.records.front();
    batch_.push_back({position, write.records.size(),
                      head.counted_as.value_or(head.kind == catalog::WriteKind::kCreate
                                                   ? ImportOutcome::kCreated
                                                   : ImportOutcome::kUpdated)});
    for (catalog::PreparedRecord& prepared : resolved.records) {
      if (guards_all) {
        write.guards.push_back({prepared.type, prepared.id, prepared.base_revision});
      }
      write.records.push_back(std::move(prepared));
    }
  }
  if (write.records.empty() && !keeps_progress()) return Settle(catalog::CommitResult());
  SubmitAs(std::move(write), pending_.empty() ? chunk_.records.back().number : last_number,
           ToImportCounts(batch_counts_),
           [this](absl::StatusOr<catalog::CommitResult> result) { Committed(std::move(result)); });
}

// Submits a write of this import; `number` and `counts` are where it then stands.
void ImportLedger::SubmitAs(catalog::PreparedWrite write, int64_t number,
                            std::vector<int64_t> counts, catalog::CommitCallback done) {
  write.principal = principal_;
  write.method = method_;
  write.validate_only = options_.validate_only();
  write.partial = true;
  write.import_number = number;
  write.import_counts = std::move(counts);
  if (keeps_progress()) {
    write.request_id = options_.request_id();
    write.request_sha256 = options_sha256_;
  }
  directory_.committer->Submit(std::move(write), std::move(done));
}

// On the committer's thread: moves on to a worker.
void ImportLedger::Committed(absl::StatusOr<catalog::CommitResult> result) {
  auto shared = std::make_shared<absl::StatusOr<catalog::CommitResult>>(std::move(result));
  bool queued = directory_.workers->Continue([this, shared] {
    if (shared->ok()) return Settle(**shared);
    if (!IsRace(shared->status(), options_) || ++attempts_ >= kMaxWriteAttempts) {
      return Fail(shared->status());
    }
    // Nothing was written: a record that the batch relied on moved on.
    for (auto it = batch_.rbegin(); it != batch_.rend(); ++it) pending_.push_front(it->position);
    counts_ = batch_counts_;
    for (v1::ImportError& error : batch_errors_) *response_.add_errors() = std::move(error);
    CommitNext();
  });
  if (!queued) Fail(model::MakeError(Reason::kShuttingDown, "the server is stopping"));
}

void ImportLedger::Settle(const catalog::CommitResult& result) {
  counts_ = batch_counts_;
  std::deque<size_t> again;
  bool wrote = false;
  for (const BatchRecord& written : batch_) {
    if (written.first >= result.records.size()) break;
    const size_t end = &written == &batch_.back() ? result.records.size() : (&written + 1)->first;
    const absl::Status& status = result.records[written.first].status;
    if (status.ok()) {
      bool changed = false;
      for (size_t i = written.first; i < end; ++i) {
        changed = changed || !result.records[i].unchanged;
      }
      Count(changed ? written.counted_as : ImportOutcome::kUnchanged, &counts_);
      AddWarnings(chunk_.records[written.position], &response_);
      wrote = wrote || (changed && !options_.validate_only());
    } else if (IsRace(status, options_) && attempts_ + 1 < kMaxWriteAttempts) {
      again.push_back(written.position);
    } else {
      Count(ImportOutcome::kFailed, &counts_);
      batch_errors_.push_back(ErrorOf(chunk_.records[written.position].number, status));
    }
  }
  // Another stream of the same import was faster with this chunk: its counts are the import's.
  if (result.replayed) {
    counts_ = FromImportCounts({result.import_counts.begin(), result.import_counts.end()});
  }
  if (!again.empty()) ++attempts_;
  pending_.insert(pending_.begin(), again.begin(), again.end());
  if (wrote) response_.set_revision(result.revision);
  for (v1::ImportError& error : batch_errors_) *response_.add_errors() = std::move(error);
  CommitNext();
}

void ImportLedger::AnswerChunk() {
  if (!chunk_.records.empty()) {
    durable_number_ = std::max(durable_number_, chunk_.records.back().number);
  }
  response_.set_durable_number(durable_number_);
  *response_.mutable_counts() = counts_;
  auto* errors = response_.mutable_errors();
  std::sort(errors->begin(), errors->end(), [](const v1::ImportError& a, const v1::ImportError& b) {
    return a.number() < b.number();
  });
  // The answer may start the next chunk, which sets answer_ anew.
  Answer answer = std::move(answer_);
  answer(std::move(response_));
}

void ImportLedger::Fail(absl::Status status) {
  Answer answer = std::move(answer_);
  answer(std::move(status));
}

}  // namespace tandem::service
