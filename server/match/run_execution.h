// SPDX-License-Identifier: Apache-2.0

// Takes one queued run to its end: reads the round, runs the pipeline, stores the parts, then the
// record.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "match/column_gather.h"
#include "match/match_runs.h"
#include "match/round_snapshot.h"
#include "match/run_records.h"
#include "match/run_state.h"

namespace tandem::match {

// A run that waits or works. `run` belongs to the working thread.
struct ActiveRun {
  v1::MatchRun run;
  int threads = 1;
  std::atomic<bool> cancelled{false};
  std::atomic<bool> started{false};
  mutable absl::Mutex mu;
  v1::MatchProgress progress ABSL_GUARDED_BY(mu);
};

// Threads: any, one run each.
class RunExecution {
 public:
  // `records` outlives the object.
  RunExecution(const MatchRunsParts& parts, const MatchRunsOptions& options,
               const RunRecords* records)
      : parts_(parts), options_(options), records_(*records) {}

  // Runs it and stores what came out. When `stopping()` the record is left as it is: the next start
  // marks it as interrupted.
  void Execute(ActiveRun* active, const std::function<bool()>& stopping);
  // Stores `run` as failed (cancelled, when that is the reason) with `why`.
  absl::StatusOr<v1::MatchRun> Fail(v1::MatchRun run, const absl::Status& why) const;

 private:
  // What was read for a round at a revision, for the runs that follow.
  struct Loaded {
    std::shared_ptr<const RoundSnapshot> snapshot;
    std::shared_ptr<ColumnGather> columns;
  };
  absl::StatusOr<Loaded> Load(const RecordSource& source, const v1::MatchRun& run, int threads);
  absl::Status Run(ActiveRun* active, std::unique_ptr<RunState>* state);

  const MatchRunsParts parts_;
  const MatchRunsOptions options_;
  const RunRecords& records_;
  absl::Mutex mu_;
  Loaded newest_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tandem::match
