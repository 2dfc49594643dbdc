// SPDX-License-Identifier: Apache-2.0

#include "match/match_runs.h"

#include <algorithm>
#include <atomic>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "match/run_execution.h"
#include "match/run_queries.h"
#include "match/run_records.h"
#include "match/run_request.h"
#include "match/run_results.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

using model::Reason;

// `matchRuns/{run}` of a match's name.
std::string_view RunOf(std::string_view match_name) {
  return match_name.substr(0, match_name.find("/matches/"));
}

}  // namespace

class MatchRuns::Worker {
 public:
  Worker(MatchRunsParts parts, MatchRunsOptions options)
      : parts_(parts),
        options_(options),
        records_(parts.catalog, parts.reader, parts.committer),
        execution_(parts, options, &records_) {}
  ~Worker() { Stop(); }

  absl::Status Start() {
    ASSIGN_OR_RETURN(std::vector<v1::MatchRun> unfinished, records_.Unfinished());
    for (v1::MatchRun& run : unfinished) {
      RETURN_IF_ERROR(records_.DeleteChunks(run.name().substr(run.name().find('/') + 1)));
      const absl::Status why = model::MakeError(Reason::kRunInterrupted,
                                                StrCat("the server stopped while ", run.name(),
                                                       " was waiting or at work; start it again"));
      RETURN_IF_ERROR(execution_.Fail(std::move(run), why).status());
    }
    for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { Work(); });
    return absl::OkStatus();
  }

  void Stop() {
    {
      absl::MutexLock lock(&mu_);
      stopping_ = true;
      queue_.clear();
      for (auto& [name, active] : active_) active->cancelled = true;
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  absl::StatusOr<v1::MatchRun> Create(const v1::CreateMatchRunRequest& request,
                                      std::string_view principal) {
    ASSIGN_OR_RETURN(NewRun made, PrepareRun(parts_, request));
    // The place in the queue is taken first: a stored run always runs.
    auto active = std::make_shared<ActiveRun>();
    active->threads = request.threads() > 0 ? request.threads() : options_.default_threads;
    if (!request.validate_only()) RETURN_IF_ERROR(Reserve());
    bool replayed = false;
    absl::StatusOr<v1::MatchRun> run =
        records_.Create(std::move(made.run), principal, request.request_id(), made.request_sha256,
                        request.validate_only(), &replayed);
    absl::MutexLock lock(&mu_);
    if (!request.validate_only()) --reserved_;
    if (run.ok() && !replayed && !request.validate_only() && !stopping_) {
      active->run = *run;
      active_.emplace(run->name(), active);
      queue_.push_back(active);
    }
    return run;
  }

  absl::StatusOr<v1::MatchRun> Cancel(std::string_view name) {
    {
      absl::MutexLock lock(&mu_);
      if (auto at = active_.find(ToAbsl(name)); at != active_.end()) at->second->cancelled = true;
    }
    ASSIGN_OR_RETURN(v1::MatchRun run, records_.Read(name));
    AddProgress(&run);
    return run;
  }

  void AddProgress(v1::MatchRun* run) const {
    absl::MutexLock lock(&mu_);
    auto at = active_.find(run->name());
    if (at == active_.end() || RunIsOver(run->state())) return;
    const ActiveRun& active = *at->second;
    absl::MutexLock progress_lock(&active.mu);
    *run->mutable_progress() = active.progress;
    if (active.cancelled) {
      run->set_state(v1::MATCH_RUN_STATE_CANCELLING);
    } else if (active.started) {
      run->set_state(v1::MATCH_RUN_STATE_RUNNING);
    }
  }

  absl::StatusOr<v1::MatchRun> Wait(std::string_view name, absl::Duration timeout) const {
    const std::string key(name);
    {
      absl::MutexLock lock(&mu_);
      auto over = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return !active_.contains(key); };
      if (!mu_.AwaitWithTimeout(absl::Condition(&over), timeout)) {
        return model::MakeError(Reason::kDeadlineExceeded, StrCat(name, " is still at work"));
      }
    }
    return records_.Read(name);
  }

  // A finished run with its results.
  struct Finished {
    v1::MatchRun run;
    RunResults results;
    store::Revision revision;
  };
  absl::StatusOr<Finished> Open(std::string_view name) const {
    std::shared_ptr<const catalog::View> view = parts_.catalog->view();
    ASSIGN_OR_RETURN(v1::MatchRun run, records_.Read(name));
    if (run.state() != v1::MATCH_RUN_STATE_SUCCEEDED) {
      return model::MakeError(
          Reason::kStateWrong,
          StrCat(name, " has no result: it is ", v1::MatchRunState_Name(run.state())),
          {{"name", name}, {"state", v1::MatchRunState_Name(run.state())}});
    }
    // The view was taken before the record was read: take a new one that surely has the parts.
    view = parts_.catalog->view();
    const store::Revision revision = view->revision();
    const std::string id = run.name().substr(run.name().find('/') + 1);
    return Finished{std::move(run), RunResults(std::move(view), parts_.reader, id), revision};
  }

  const MatchRunsParts& parts() const { return parts_; }

 private:
  absl::Status Reserve() {
    absl::MutexLock lock(&mu_);
    if (stopping_) return model::MakeError(Reason::kShuttingDown, "the server is stopping");
    if (static_cast<int>(queue_.size()) + reserved_ >= options_.queue_limit) {
      return model::WithRetryAfter(
          model::MakeError(Reason::kOverloaded,
                           StrCat(options_.queue_limit, " match runs are waiting already")),
          absl::Seconds(10));
    }
    ++reserved_;
    return absl::OkStatus();
  }

  void Work() {
    for (;;) {
      std::shared_ptr<ActiveRun> active;
      {
        absl::MutexLock lock(&mu_);
        auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
          return stopping_ || !queue_.empty();
        };
        mu_.Await(absl::Condition(&ready));
        if (stopping_) return;
        active = queue_.front();
        queue_.pop_front();
      }
      const std::string name = active->run.name();
      execution_.Execute(active.get(), [this] {
        absl::MutexLock lock(&mu_);
        return stopping_;
      });
      absl::MutexLock lock(&mu_);
      active_.erase(name);
    }
  }

  const MatchRunsParts parts_;
  const MatchRunsOptions options_;
  const RunRecords records_;
  RunExecution execution_;
  mutable absl::Mutex mu_;
  std::deque<std::shared_ptr<ActiveRun>> queue_ ABSL_GUARDED_BY(mu_);
  // Waiting and working ones, by name.
  absl::flat_hash_map<std::string, std::shared_ptr<ActiveRun>> active_ ABSL_GUARDED_BY(mu_);
  // Places in the queue taken by runs that are being stored.
  int reserved_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::thread> threads_;
};

MatchRuns::MatchRuns(MatchRunsParts parts, MatchRunsOptions options)
    : worker_(std::make_unique<Worker>(parts, options)) {}

MatchRuns::~MatchRuns() = default;

absl::Status MatchRuns::Start() { return worker_->Start(); }

void MatchRuns::Stop() { worker_->Stop(); }

absl::StatusOr<v1::MatchRun> MatchRuns::CreateMatchRun(const v1::CreateMatchRunRequest& request,
                                                       std::string_view principal) {
  return worker_->Create(request, principal);
}

absl::StatusOr<v1::MatchRun> MatchRuns::CancelMatchRun(const v1::CancelMatchRunRequest& request,
                                                       std::string_view /*principal*/) {
  return worker_->Cancel(request.name());
}

void MatchRuns::AddProgress(v1::MatchRun* run) const { worker_->AddProgress(run); }

absl::StatusOr<v1::MatchRun> MatchRuns::WaitForRun(std::string_view name,
                                                   absl::Duration timeout) const {
  return worker_->Wait(name, timeout);
}

absl::StatusOr<v1::ListMatchesResponse> MatchRuns::ListMatches(
    const v1::ListMatchesRequest& request, int64_t first, int64_t* next) const {
  ASSIGN_OR_RETURN(Worker::Finished finished, worker_->Open(request.parent()));
  v1::ListMatchesResponse response;
  response.set_revision(finished.revision);
  ASSIGN_OR_RETURN(std::vector<v1::Match> page,
                   finished.results.Matches(first, request.page_size(), next));
  for (v1::Match& match : page) *response.add_matches() = std::move(match);
  return response;
}

absl::StatusOr<v1::ListMatchOutcomesResponse> MatchRuns::ListMatchOutcomes(
    const v1::ListMatchOutcomesRequest& request, int64_t first, int64_t* next) const {
  ASSIGN_OR_RETURN(Worker::Finished finished, worker_->Open(request.parent()));
  v1::ListMatchOutcomesResponse response;
  response.set_revision(finished.revision);
  ASSIGN_OR_RETURN(
      std::vector<v1::MatchOutcome> page,
      finished.results.Outcomes(request.side() != v1::MATCH_SIDE_OFFERS, request.unmatched_only(),
                                first, request.page_size(), next));
  for (v1::MatchOutcome& outcome : page) *response.add_outcomes() = std::move(outcome);
  return response;
}

absl::StatusOr<v1::ExplainMatchResponse> MatchRuns::ExplainMatch(
    const v1::ExplainMatchRequest& request) const {
  ASSIGN_OR_RETURN(Worker::Finished finished, worker_->Open(RunOf(request.name())));
  v1::ExplainMatchResponse response;
  ASSIGN_OR_RETURN(*response.mutable_match(), finished.results.FindMatch(request.name()));
  ASSIGN_OR_RETURN(RunResults::FoundOutcome need,
                   finished.results.FindOutcome(true, response.match().need()));
  ASSIGN_OR_RETURN(RunResults::FoundOutcome offer,
                   finished.results.FindOutcome(false, response.match().offer()));
  *response.mutable_need_outcome() = std::move(need.outcome);
  *response.mutable_offer_outcome() = std::move(offer.outcome);
  return response;
}

absl::StatusOr<v1::WhyNotMatchResponse> MatchRuns::WhyNotMatch(
    const v1::WhyNotMatchRequest& request) const {
  ASSIGN_OR_RETURN(Worker::Finished finished, worker_->Open(request.name()));
  return WhyNot(finished.run, finished.results, worker_->parts().reader, request);
}

absl::StatusOr<v1::VerifyReport> MatchRuns::VerifyMatchRun(
    const v1::VerifyMatchRunRequest& request) const {
  ASSIGN_OR_RETURN(Worker::Finished finished, worker_->Open(request.name()));
  return VerifyStoredRun(finished.run, finished.results, worker_->parts().reader);
}

}  // namespace tandem::match
