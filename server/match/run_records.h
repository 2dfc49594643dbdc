// SPDX-License-Identifier: Apache-2.0

// MatchRun records and result parts on their way to and from the directory.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/catalog.h"
#include "catalog/committer.h"
#include "store/record_reader.h"
#include "tandem/storage/v1/match_chunk.pb.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// Threads: any; every method may block.
class RunRecords {
 public:
  // All outlive the object.
  RunRecords(const catalog::Catalog* catalog, const store::RecordReader* reader,
             catalog::Committer* committer)
      : catalog_(catalog), reader_(reader), committer_(committer) {}

  // The newest version. RESOURCE_NOT_FOUND for deleted ones too.
  absl::StatusOr<v1::MatchRun> Read(std::string_view name) const;
  // Stores a new run with the caller's request id. `replayed` becomes true when the same request
  // was answered before: the result is the run it made.
  absl::StatusOr<v1::MatchRun> Create(v1::MatchRun run, std::string_view principal,
                                      const std::string& request_id,
                                      const std::string& request_sha256, bool validate_only,
                                      bool* replayed) const;
  // Puts `run` in place of the newest version, whatever that is: only the server writes runs.
  absl::StatusOr<v1::MatchRun> Replace(v1::MatchRun run) const;
  // Stores parts of a result, some megabytes at a time.
  absl::Status StoreChunks(const std::vector<storage::v1::MatchChunk>& chunks) const;
  // Deletes the parts of a run that never became visible.
  absl::Status DeleteChunks(std::string_view run_id) const;
  // Runs that are not over, by id.
  absl::StatusOr<std::vector<v1::MatchRun>> Unfinished() const;

 private:
  const catalog::Catalog* const catalog_;
  const store::RecordReader* const reader_;
  catalog::Committer* const committer_;
};

// Whether nothing more will happen to a run in this state.
bool RunIsOver(v1::MatchRunState state);

}  // namespace tandem::match
