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
  absl::Status CheckNumbers(const ImportChunk& chunk) const;
  void CommitNext();
  void Committed(absl::StatusOr<catalog::CommitResult> result);
  void Settle(const catalog::CommitResult& result);
  void AnswerChunk();
  void Fail(absl::Status status);

  const model::ResourceTraits& resource_;
  const Directory& directory_;
  const std::string method_;
  const std::string principal_;

  bool have_options_ = false;
  v1::ImportOptions options_;
  std::string options_sha256_;
  // Every record up to it is durable or refused.
  int64_t durable_number_ = 0;
  v1::ImportCounts counts_;

  // The chunk at work. pending_ are the positions of records that are not settled, batch_ those of
  // them that are being committed.
  ImportChunk chunk_;
  Answer answer_;
  v1::ImportResponse response_;
  std::deque<size_t> pending_;
  struct BatchRecord {
    size_t position = 0;
    bool creates = false;
  };
  std::vector<BatchRecord> batch_;
  // Counts with the batch's skipped and refused records, without its committed ones.
  v1::ImportCounts batch_counts_;
  std::vector<v1::ImportError> batch_errors_;
  int attempts_ = 0;
};

}  // namespace tandem::service
