// SPDX-License-Identifier: Apache-2.0

// Match runs as a caller sees them: start one, watch it, stop it, read what it found. Owns the
// threads runs work on and the bounded queue before them. A run's results are immutable chunks
// written first and the MatchRun record that makes them visible written last, so a reader never
// sees half a result.
//
// Get and List of MatchRun are the standard reads of the record; pass what they return through
// AddProgress. Everything else a MatchService does is here. Requests are expected to have passed
// the checks of the service layer (names well-formed, fields in range).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/catalog.h"
#include "catalog/committer.h"
#include "model/clock.h"
#include "plugin/plugin_registry.h"
#include "store/record_reader.h"
#include "tandem/v1/match_run.pb.h"
#include "tandem/v1/match_service.pb.h"

namespace tandem::match {

struct MatchRunsOptions {
  // Runs that work at the same time.
  int workers = 1;
  // Runs that may wait; one more is OVERLOADED.
  int queue_limit = 32;
  // Threads of one run when the request names none.
  int default_threads = 2;
  // Longest time of a run whose profile names none.
  absl::Duration run_timeout = absl::Seconds(600);
};

// What runs work with; everything outlives the MatchRuns.
struct MatchRunsParts {
  const catalog::Catalog* catalog = nullptr;
  const store::RecordReader* reader = nullptr;
  catalog::Committer* committer = nullptr;
  // Null: no plugin is ever found, runs use the server's own code only.
  const plugin::PluginRegistry* plugins = nullptr;
  const model::Clock* clock = nullptr;
};

// Threads: every method from any thread; reads may block on disk.
class MatchRuns {
 public:
  MatchRuns(MatchRunsParts parts, MatchRunsOptions options);
  // Stops as Stop does.
  ~MatchRuns();
  MatchRuns(const MatchRuns&) = delete;
  MatchRuns& operator=(const MatchRuns&) = delete;

  // Marks runs that an earlier process left unfinished as FAILED with RUN_INTERRUPTED, then starts
  // the threads. Call once, when the committer works.
  absl::Status Start();
  // Refuses new runs (SHUTTING_DOWN), tells working ones to stop and waits for them. What had not
  // finished is marked by the next Start.
  void Stop();

  // Checks the request against the directory (round, profile, base run, plugins enabled), stores
  // the run as queued and answers at once. `principal` is who calls. With validate_only nothing is
  // stored. Errors: RESOURCE_NOT_FOUND, RESOURCE_EXISTS, STATE_WRONG, PLUGIN_NOT_LOADED,
  // FIELD_INVALID, OVERLOADED, SHUTTING_DOWN, and the committer's.
  absl::StatusOr<v1::MatchRun> CreateMatchRun(const v1::CreateMatchRunRequest& request,
                                              std::string_view principal);
  // Asks a run to stop; one that is over stays as it is.
  absl::StatusOr<v1::MatchRun> CancelMatchRun(const v1::CancelMatchRunRequest& request,
                                              std::string_view principal);
  // Fills in state and progress of a run that is at work, from memory; others stay as they are.
  void AddProgress(v1::MatchRun* run) const;
  // Waits until the run is over or the time is: its record. RESOURCE_NOT_FOUND, DEADLINE_EXCEEDED.
  absl::StatusOr<v1::MatchRun> WaitForRun(std::string_view name, absl::Duration timeout) const;

  // A page of results. The caller owns the tokens: `first` is the index of the page's first element
  // (0 on the first page), and `*next` becomes the next page's, 0 on the last. The answer's
  // next_page_token stays empty. STATE_WRONG while the run is not over or has no result.
  absl::StatusOr<v1::ListMatchesResponse> ListMatches(const v1::ListMatchesRequest& request,
                                                      int64_t first, int64_t* next) const;
  absl::StatusOr<v1::ListMatchOutcomesResponse> ListMatchOutcomes(
      const v1::ListMatchOutcomesRequest& request, int64_t first, int64_t* next) const;

  // One pair of a run with both outcomes. RESOURCE_NOT_FOUND when the run has no such pair.
  absl::StatusOr<v1::ExplainMatchResponse> ExplainMatch(
      const v1::ExplainMatchRequest& request) const;
  // Why two were not paired, or why one got nothing; judged on the records the run read.
  // RESOURCE_NOT_FOUND when the run looked at no such need or offer.
  absl::StatusOr<v1::WhyNotMatchResponse> WhyNotMatch(const v1::WhyNotMatchRequest& request) const;
  // Checks the stored result again from the stored inputs: every check of the run's own
  // verification and every digest.
  absl::StatusOr<v1::VerifyReport> VerifyMatchRun(const v1::VerifyMatchRunRequest& request) const;

 private:
  class Worker;
  std::unique_ptr<Worker> worker_;
};

}  // namespace tandem::match
