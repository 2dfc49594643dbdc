// SPDX-License-Identifier: Apache-2.0

// The last step of a full sync: what the source had and did not send is counted, weighed against
// the protection threshold and marked, some records a commit, each with its number in the request
// record, so that a sync that breaks here goes on here.

#include <algorithm>
#include <memory>
#include <utility>

#include "model/error.h"
#include "model/status_macros.h"
#include "service/field_statements.h"
#include "service/import_ledger.h"
#include "service/write_flow.h"
#include "tandem/v1/source.pb.h"

namespace tandem::service {
namespace {

// Marks in one commit.
constexpr size_t kMarksPerCommit = 1000;
// Source.protection_permille when it is not set.
constexpr int64_t kDefaultProtectionPermille = 50;
constexpr int64_t kPermille = 1000;

}  // namespace

void ImportLedger::EndSync() {
  sync_ended_ = true;
  missing_ = std::make_unique<MissingRecords>(*sync_, directory_.catalog->view());
  // Marks of this sync before it broke count as found by it; records it created were not there
  // before. A check writes nothing, so nothing of it is there.
  const int64_t marked = counts_.missing();
  const int64_t created = options_.validate_only() ? 0 : counts_.created();
  const int64_t missing = missing_->missing_count() + marked;
  v1::SyncResult* result = response_.mutable_sync_result();
  result->set_known_count(std::max(missing_->known_count() + marked - created, missing));
  result->set_missing_count(missing);
  result->set_outcome(JudgeMissing(result->known_count(), missing));
  if (result->outcome() != v1::SYNC_OUTCOME_MARKED) return AnswerChunk();
  if (options_.validate_only()) {
    counts_.set_missing(missing);
    return AnswerChunk();
  }
  attempts_ = 0;
  MarkNext();
}

v1::SyncOutcome ImportLedger::JudgeMissing(int64_t known, int64_t missing) const {
  // A sync that began to mark was allowed to.
  if (missing == 0 || sync_->force() || counts_.missing() > 0) return v1::SYNC_OUTCOME_MARKED;
  if (chunk_.sync_end->unread_count() + sync_->unidentified_count() > 0) {
    return v1::SYNC_OUTCOME_UNREAD;
  }
  int64_t allowed = kDefaultProtectionPermille;
  DirectoryReader reader(directory_, /*may_block=*/true);
  absl::StatusOr<const v1::Source*> source = sync_->ReadSource(&reader);
  if (source.ok() && (*source)->has_protection_permille()) {
    allowed = (*source)->protection_permille();
  }
  return missing * kPermille > allowed * known ? v1::SYNC_OUTCOME_PROTECTED
                                               : v1::SYNC_OUTCOME_MARKED;
}

void ImportLedger::MarkNext() {
  DirectoryReader reader(directory_, /*may_block=*/true);
  absl::StatusOr<std::vector<catalog::PreparedRecord>> marks =
      missing_->PrepareNext(kMarksPerCommit, DayOf(directory_.clock->Now()), &reader);
  if (!marks.ok()) return Fail(marks.status());
  if (marks->empty()) return AnswerChunk();
  catalog::PreparedWrite write;
  // All or none, so that a mark is never counted that was not made.
  for (const catalog::PreparedRecord& mark : *marks) {
    write.guards.push_back({mark.type, mark.id, mark.base_revision});
  }
  const size_t count = marks->size();
  write.records = *std::move(marks);
  SubmitAs(std::move(write), sync_->row_count() + counts_.missing() + static_cast<int64_t>(count),
           ToImportCounts(counts_), [this](absl::StatusOr<catalog::CommitResult> result) {
             auto shared =
                 std::make_shared<absl::StatusOr<catalog::CommitResult>>(std::move(result));
             const bool queued = directory_.workers->Continue([this, shared] { Marked(*shared); });
             if (!queued) {
               Fail(model::MakeError(model::Reason::kShuttingDown, "the server is stopping"));
             }
           });
}

void ImportLedger::Marked(const absl::StatusOr<catalog::CommitResult>& result) {
  if (!result.ok()) {
    const bool raced = model::ErrorReason(result.status()) == model::Reason::kWriteConflict;
    if (!raced || ++attempts_ >= kMaxWriteAttempts) return Fail(result.status());
    missing_->StepBack();
    return MarkNext();
  }
  attempts_ = 0;
  if (result->replayed) {
    counts_ = FromImportCounts({result->import_counts.begin(), result->import_counts.end()});
  } else {
    for (const catalog::RecordResult& record : result->records) {
      Count(record.status.ok() ? ImportOutcome::kMissing : ImportOutcome::kFailed, &counts_);
    }
    response_.set_revision(result->revision);
  }
  MarkNext();
}

}  // namespace tandem::service
