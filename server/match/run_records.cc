// SPDX-License-Identifier: Apache-2.0

#include "match/run_records.h"

#include <memory>
#include <utility>

#include "match/run_chunks.h"
#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

using model::RecordType;

// Writes of the engine itself, under its own name in the history.
constexpr std::string_view kEngine = "server:match";
// Bytes of result parts in one commit.
constexpr size_t kCommitBytes = size_t{2} << 20;
// A conflict means that another write of the same record came between; more than a few in a row
// means something else is wrong.
constexpr int kMaxAttempts = 5;

catalog::PreparedRecord Prepare(const v1::MatchRun& run, catalog::WriteKind kind) {
  catalog::PreparedRecord record;
  record.type = RecordType::kMatchRun;
  record.id = run.name().substr(run.name().find('/') + 1);
  record.kind = kind;
  auto message = std::make_shared<v1::MatchRun>(run);
  model::ClearTail(message.get());
  record.body = model::SerializeCanonical(*message);
  record.message = std::move(message);
  return record;
}

// The stored form of a write's only record.
absl::StatusOr<v1::MatchRun> ParseResult(const catalog::CommitResult& result) {
  RETURN_IF_ERROR(result.records.front().status);
  v1::MatchRun run;
  if (!run.ParseFromString(result.records.front().bytes)) {
    return model::MakeError(model::Reason::kInternal, "a stored run can't be parsed");
  }
  return run;
}

}  // namespace

bool RunIsOver(v1::MatchRunState state) {
  return state == v1::MATCH_RUN_STATE_SUCCEEDED || state == v1::MATCH_RUN_STATE_FAILED ||
         state == v1::MATCH_RUN_STATE_CANCELLED;
}

absl::StatusOr<v1::MatchRun> RunRecords::Read(std::string_view name) const {
  std::optional<catalog::RowRef> row = catalog_->view()->FindName(name);
  if (!row || row->deleted()) {
    return model::ResourceError(model::Reason::kResourceNotFound, "matchRuns", name,
                                StrCat(name, " does not exist"));
  }
  ASSIGN_OR_RETURN(store::RecordBytes bytes,
                   reader_->Read(RecordType::kMatchRun, row->id(), row->revision()));
  v1::MatchRun run;
  if (!run.ParseFromArray(bytes.bytes().data(), static_cast<int>(bytes.bytes().size()))) {
    return model::MakeError(model::Reason::kRecordCorrupt, StrCat(name, " can't be parsed"));
  }
  return run;
}

absl::StatusOr<v1::MatchRun> RunRecords::Create(v1::MatchRun run, std::string_view principal,
                                                const std::string& request_id,
                                                const std::string& request_sha256,
                                                bool validate_only, bool* replayed) const {
  catalog::PreparedWrite write;
  write.principal = std::string(principal);
  write.method = "tandem.v1.MatchService/CreateMatchRun";
  write.request_id = request_id;
  write.request_sha256 = request_sha256;
  write.validate_only = validate_only;
  write.records.push_back(Prepare(run, catalog::WriteKind::kCreate));
  ASSIGN_OR_RETURN(catalog::CommitResult result, committer_->Commit(std::move(write)));
  *replayed = result.replayed;
  if (!result.replayed) return ParseResult(result);
  if (result.replayed_names.empty()) {
    return model::MakeError(model::Reason::kInternal, "a replayed request wrote no run");
  }
  return Read(result.replayed_names.front());
}

absl::StatusOr<v1::MatchRun> RunRecords::Replace(v1::MatchRun run) const {
  for (int attempt = 1;; ++attempt) {
    std::optional<catalog::RowRef> row = catalog_->view()->FindName(run.name());
    if (!row) {
      return model::ResourceError(model::Reason::kResourceNotFound, "matchRuns", run.name(),
                                  StrCat(run.name(), " does not exist"));
    }
    catalog::PreparedRecord record = Prepare(run, catalog::WriteKind::kUpdate);
    record.base_revision = row->revision();
    record.create_time_ns = row->segment->header(row->row).create_time_ns;
    catalog::PreparedWrite write;
    write.principal = std::string(kEngine);
    write.method = "tandem.v1.MatchService/CreateMatchRun";
    write.records.push_back(std::move(record));
    absl::StatusOr<catalog::CommitResult> result = committer_->Commit(std::move(write));
    if (result.ok()) return ParseResult(*result);
    if (model::ErrorReason(result.status()) != model::Reason::kWriteConflict ||
        attempt == kMaxAttempts) {
      return result.status();
    }
  }
}

absl::Status RunRecords::StoreChunks(const std::vector<storage::v1::MatchChunk>& chunks) const {
  catalog::PreparedWrite write;
  size_t bytes = 0;
  auto commit = [&]() -> absl::Status {
    if (write.records.empty()) return absl::OkStatus();
    write.principal = std::string(kEngine);
    write.method = "tandem.v1.MatchService/CreateMatchRun";
    ASSIGN_OR_RETURN(catalog::CommitResult result, committer_->Commit(std::move(write)));
    for (const catalog::RecordResult& record : result.records) RETURN_IF_ERROR(record.status);
    write = {};
    bytes = 0;
    return absl::OkStatus();
  };
  for (const storage::v1::MatchChunk& chunk : chunks) {
    catalog::PreparedRecord record;
    record.type = RecordType::kMatchChunk;
    record.id = ChunkId(chunk.run(), chunk.kind(), chunk.number());
    record.body = model::SerializeCanonical(chunk);
    // The catalog indexes nothing of a part; the message would only hold memory.
    record.message = std::make_shared<storage::v1::MatchChunk>();
    bytes += record.body.size();
    write.records.push_back(std::move(record));
    if (bytes >= kCommitBytes) RETURN_IF_ERROR(commit());
  }
  return commit();
}

absl::Status RunRecords::DeleteChunks(std::string_view run_id) const {
  const std::shared_ptr<const catalog::View> view = catalog_->view();
  const std::string prefix = StrCat(run_id, "/");
  catalog::PreparedWrite write;
  write.principal = std::string(kEngine);
  write.method = "tandem.v1.MatchService/CreateMatchRun";
  view->ForEach(RecordType::kMatchChunk, [&](const catalog::RowRef& row) {
    if (row.deleted() || row.id().substr(0, prefix.size()) != prefix) return;
    catalog::PreparedRecord record;
    record.type = RecordType::kMatchChunk;
    record.id = std::string(row.id());
    record.kind = catalog::WriteKind::kDelete;
    record.base_revision = row.revision();
    record.create_time_ns = row.segment->header(row.row).create_time_ns;
    write.records.push_back(std::move(record));
  });
  for (catalog::PreparedRecord& record : write.records) {
    ASSIGN_OR_RETURN(store::RecordBytes bytes,
                     reader_->Read(record.type, record.id, record.base_revision));
    record.body = std::string(bytes.body());
    record.message = std::make_shared<storage::v1::MatchChunk>();
  }
  if (write.records.empty()) return absl::OkStatus();
  return committer_->Commit(std::move(write)).status();
}

absl::StatusOr<std::vector<v1::MatchRun>> RunRecords::Unfinished() const {
  std::vector<std::string> names;
  const std::shared_ptr<const catalog::View> view = catalog_->view();
  view->ForEach(RecordType::kMatchRun, [&](const catalog::RowRef& row) {
    if (!row.deleted()) names.push_back(model::FormatName(RecordType::kMatchRun, row.id()));
  });
  std::sort(names.begin(), names.end());
  std::vector<v1::MatchRun> unfinished;
  for (const std::string& name : names) {
    ASSIGN_OR_RETURN(v1::MatchRun run, Read(name));
    if (!RunIsOver(run.state())) unfinished.push_back(std::move(run));
  }
  return unfinished;
}

}  // namespace tandem::match
