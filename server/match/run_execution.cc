// SPDX-License-Identifier: Apache-2.0

#include "match/run_execution.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "match/parallel.h"
#include "match/run_chunks.h"
#include "match/run_pipeline.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "tandem/v1/round.pb.h"

namespace tandem::match {
namespace {

using model::RecordType;

void SetTime(absl::Time time, google::protobuf::Timestamp* stamp) {
  const int64_t nanos = absl::ToUnixNanos(time);
  stamp->set_seconds(nanos / 1'000'000'000);
  stamp->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

// Puts the results of a pipeline into the record that waited for them.
void TakeResults(v1::MatchRun report, v1::MatchRun* run) {
  // The report holds result fields only, so merging replaces nothing the client said.
  run->MergeFrom(report);
}

}  // namespace

absl::StatusOr<RunExecution::Loaded> RunExecution::Load(const RecordSource& source,
                                                        const v1::MatchRun& run, int threads) {
  v1::Round round;
  if (!run.round().empty()) {
    RETURN_IF_ERROR(source.ReadByName(RecordType::kRound, run.round(), &round));
  }
  const std::string as_of = AsOfDate(round, parts_.clock->Now());
  {
    absl::MutexLock lock(&mu_);
    const auto& known = newest_.snapshot;
    if (known != nullptr && known->revision == source.revision() && known->round == run.round() &&
        known->as_of_date == as_of) {
      return newest_;
    }
  }
  Loaded loaded;
  ASSIGN_OR_RETURN(loaded.snapshot, LoadRoundSnapshot(source, run.round(), as_of, threads));
  loaded.columns = std::make_shared<ColumnGather>(loaded.snapshot);
  absl::MutexLock lock(&mu_);
  newest_ = loaded;
  return loaded;
}

absl::Status RunExecution::Run(ActiveRun* active, std::unique_ptr<RunState>* state) {
  v1::MatchRun& run = active->run;
  const DirectorySource source(parts_.catalog->view(), parts_.reader);
  run.set_read_revision(source.revision());
  v1::MatchProfile profile;
  std::vector<RecordVersion> versions;
  if (!run.match_profile().empty()) {
    RETURN_IF_ERROR(source.ReadByName(RecordType::kMatchProfile, run.match_profile(), &profile));
    run.set_match_profile_etag(profile.etag());
    versions.push_back(*source.Find(RecordType::kMatchProfile,
                                    run.match_profile().substr(run.match_profile().find('/') + 1)));
  }
  const EnabledPlugins plugins(parts_.plugins == nullptr ? nullptr : parts_.plugins->Snapshot());
  ASSIGN_OR_RETURN(Loaded loaded, Load(source, run, active->threads));

  RunInputs inputs;
  inputs.snapshot = loaded.snapshot;
  inputs.columns = loaded.columns;
  inputs.source = &source;
  inputs.profile = &profile;
  inputs.plugins = &plugins;
  inputs.run_id = run.name().substr(run.name().find('/') + 1);
  inputs.seed = static_cast<uint64_t>(run.seed());
  inputs.threads = active->threads;
  inputs.deadline = absl::Now() + (profile.run_timeout_seconds() > 0
                                       ? absl::Seconds(profile.run_timeout_seconds())
                                       : options_.run_timeout);
  inputs.cancelled = &active->cancelled;
  inputs.on_stage = [active](std::string_view stage, int done, int total) {
    absl::MutexLock lock(&active->mu);
    active->progress.set_stage(std::string(stage));
    active->progress.set_done_count(done);
    active->progress.set_total_count(total);
  };
  *state = std::make_unique<RunState>(std::move(inputs));
  RETURN_IF_ERROR(RunPipeline(state->get()));
  versions.insert(versions.begin(), loaded.snapshot->versions.begin(),
                  loaded.snapshot->versions.end());
  return records_.StoreChunks(CutIntoChunks(**state, versions));
}

void RunExecution::Execute(ActiveRun* active, const std::function<bool()>& stopping) {
  v1::MatchRun& run = active->run;
  const int64_t cpu_before = ThreadCpuNanos() + HelperCpuNanos();
  SetTime(parts_.clock->Now(), run.mutable_start_time());
  active->started = true;
  run.set_state(v1::MATCH_RUN_STATE_RUNNING);
  absl::Status status = model::MakeError(model::Reason::kCancelled, "the run was cancelled");
  std::unique_ptr<RunState> state;
  if (!active->cancelled) {
    status = records_.Replace(run).status();
    if (status.ok()) status = Run(active, &state);
  }
  if (stopping()) return;
  if (state != nullptr) TakeResults(std::move(state->report), &run);
  run.set_cpu_ms((ThreadCpuNanos() + HelperCpuNanos() - cpu_before) / 1'000'000);
  if (!status.ok()) {
    // Parts that were stored already must not outlive the run that failed.
    (void)records_.DeleteChunks(run.name().substr(run.name().find('/') + 1));
    (void)Fail(run, status);
    return;
  }
  run.set_state(v1::MATCH_RUN_STATE_SUCCEEDED);
  run.set_done(true);
  SetTime(parts_.clock->Now(), run.mutable_end_time());
  if (absl::Status stored = records_.Replace(run).status(); !stored.ok()) (void)Fail(run, stored);
}

absl::StatusOr<v1::MatchRun> RunExecution::Fail(v1::MatchRun run, const absl::Status& why) const {
  const bool cancelled = model::ErrorReason(why) == model::Reason::kCancelled;
  run.set_state(cancelled ? v1::MATCH_RUN_STATE_CANCELLED : v1::MATCH_RUN_STATE_FAILED);
  run.set_done(true);
  SetTime(parts_.clock->Now(), run.mutable_end_time());
  if (!run.mutable_error()->ParseFromString(model::SerializedRpcStatus(why))) {
    run.mutable_error()->set_message(std::string(ToStd(why.message())));
  }
  return records_.Replace(std::move(run));
}

}  // namespace tandem::match
