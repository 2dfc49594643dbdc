// SPDX-License-Identifier: Apache-2.0

// The bookkeeping of one import: which number is settled, how the records fared, what is committed
// under the request id. Takes one chunk at a time and answers it when it is durable.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/committer.h"
#include "model/resource_traits.h"
#include "service/directory.h"
#include "service/import_chunk.h"
#include "service/missing_records.h"
#include "service/sync_run.h"
#include "tandem/v1/import.pb.h"

namespace tandem::service {

// Called by one step at a time; the next only after `answer` of the one before.
class ImportLedger {
 public:
  using Answer = std::function<void(absl::StatusOr<v1::ImportResponse>)>;

  ImportLedger(const model::ResourceTraits& resource, const Directory& directory,
               std::string method, std::string principal);

  // On a thread that may wait. `answer` runs later on a worker, or at once. An error ends the
  // import: what was answered before stays.
  void Take(ImportChunk chunk, Answer answer);

 private:
  absl::Status TakeOptions(const ImportChunk& chunk);
  absl::Status CheckNumbers(const ImportChunk& chunk);
  absl::Status CheckSyncEnd(const ImportChunk& chunk) const;
  absl::Status NoteRows();
  bool keeps_progress() const {
    return !options_.request_id().empty() && !options_.validate_only();
  }
  ResolvedRecord Resolve(const ImportRecord& record, absl::Time now, DirectoryReader* reader) const;
  void SubmitAs(catalog::PreparedWrite write, int64_t number, std::vector<int64_t> counts,
                catalog::CommitCallback done);
  void CommitNext();
  void Committed(absl::StatusOr<catalog::CommitResult> result);
  void Settle(const catalog::CommitResult& result);
  // The end of a full sync, in import_sync_end.cc: what is missing is told or marked.
  void EndSync();
  v1::SyncOutcome JudgeMissing(int64_t known, int64_t missing) const;
  void MarkNext();
  void Marked(const absl::StatusOr<catalog::CommitResult>& result);
  void AnswerChunk();
  void Fail(absl::Status status);

  const model::ResourceTraits& resource_;
  const Directory& directory_;
  const std::string method_;
  const std::string principal_;

  bool have_options_ = false;
  v1::ImportOptions options_;
  std::string options_sha256_;
  // Every record up to it is durable or refused. The marks of a full sync are numbered behind its
  // records.
  int64_t durable_number_ = 0;
  // Null: a plain import.
  std::unique_ptr<SyncRun> sync_;
  // The end of the sync was taken: nothing follows.
  bool sync_ended_ = false;
  std::unique_ptr<MissingRecords> missing_;
  v1::ImportCounts counts_;

  // The chunk at work. pending_ are the positions of records that are not settled, batch_ those of
  // them that are being committed.
  ImportChunk chunk_;
  Answer answer_;
  v1::ImportResponse response_;
  std::deque<size_t> pending_;
  struct BatchRecord {
    size_t position = 0;
    // Its first record in the write.
    size_t first = 0;
    ImportOutcome counted_as = ImportOutcome::kUpdated;
  };
  std::vector<BatchRecord> batch_;
  // Counts with the batch's skipped and refused records, without its committed ones.
  v1::ImportCounts batch_counts_;
  std::vector<v1::ImportError> batch_errors_;
  int attempts_ = 0;
};

}  // namespace tandem::service
