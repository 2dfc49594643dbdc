// SPDX-License-Identifier: Apache-2.0

#include <algorithm>

#include "absl/time/clock.h"
#include "fmt/format.h"
#include "tandem/v1/match_service.pb.h"

#include "cli/cell_text.h"
#include "cli/match_commands.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct RunOptions {
  std::string round;
  std::string profile;
  std::string base_run;
  std::string id;
  std::string request_id;
  int64_t seed = 0;
  int threads = 0;
  int top = 20;
  bool wait = false;
  bool dry_run = false;
};

std::string FullName(const std::string& collection, const std::string& written) {
  const bool as_is = written.empty() || written.find('/') != std::string::npos;
  return as_is ? written : collection + "/" + written;
}

void DrawProgress(Session& session, const v1::MatchRun& run) {
  if (!session.shows_progress()) return;
  session.err() << "\r\x1b[K"
                << fmt::format("{}: {} of {}, {}", run.name(), run.progress().done_count(),
                               run.progress().total_count(), run.progress().stage())
                << std::flush;
}

// Asks again and again until the run is over; the pause grows from 50 ms to 1 s.
absl::StatusOr<v1::MatchRun> WaitForEnd(Session& session, v1::MatchRun run) {
  absl::Duration pause = absl::Milliseconds(50);
  while (!run.done()) {
    DrawProgress(session, run);
    absl::SleepFor(pause);
    pause = std::min(pause * 2, absl::Seconds(1));
    ASSIGN_OR_RETURN(run, GetMatchRun(session, run.name()));
  }
  if (session.shows_progress()) session.err() << "\r\x1b[K";
  return run;
}

// The error that ended a run; OK when it succeeded.
absl::Status RunError(const v1::MatchRun& run) {
  if (run.state() == v1::MATCH_RUN_STATE_SUCCEEDED) return absl::OkStatus();
  if (!run.has_error()) {
    return absl::CancelledError(run.name() + " was stopped before its end");
  }
  return client::FromGrpcStatus(grpc::Status(static_cast<grpc::StatusCode>(run.error().code()),
                                             run.error().message(),
                                             run.error().SerializeAsString()));
}

absl::StatusOr<ExitCode> Run(Session& session, const RunOptions& options) {
  v1::CreateMatchRunRequest request;
  request.set_match_run_id(LastPart(options.id));
  request.set_request_id(options.request_id);
  request.set_validate_only(options.dry_run);
  request.set_threads(options.threads);
  v1::MatchRun* wanted = request.mutable_match_run();
  wanted->set_round(FullName("rounds", options.round));
  wanted->set_match_profile(FullName("matchProfiles", options.profile));
  wanted->set_base_run(FullName("matchRuns", options.base_run));
  wanted->set_seed(options.seed);
  v1::MatchRun run;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.MatchService.CreateMatchRun", request, &run));
  if (!options.wait || options.dry_run) {
    RETURN_IF_ERROR(PrintMatchRun(session, run, 0));
    return ExitCode::kDone;
  }
  ASSIGN_OR_RETURN(run, WaitForEnd(session, std::move(run)));
  RETURN_IF_ERROR(PrintMatchRun(session, run, options.top));
  RETURN_IF_ERROR(RunError(run));
  return ExitCode::kDone;
}

}  // namespace

void AddMatchRunCommand(CLI::App* match, Action* chosen) {
  AddCommand<RunOptions>(
      match, chosen, "run", "Start a run; with --wait also show its plan",
      [](CLI::App* app, RunOptions* options) {
        app->add_option("--round", options->round,
                        "rounds/{id}, or the id alone (default: standing offers and needs)");
        app->add_option("--profile", options->profile,
                        "matchProfiles/{id}, or the id alone (default: the round's)");
        app->add_option("--base-run", options->base_run, "Run whose accepted pairs are kept");
        app->add_option("--id", options->id, "The run's id (default: made by the server)");
        app->add_option("--seed", options->seed, "The only randomness of the run");
        app->add_option("--threads", options->threads,
                        "Threads; the result is the same for any number")
            ->check(CLI::Range(0, 64));
        app->add_option("--top", options->top, "Pairings on the plan screen")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
        app->add_option("--request-id", options->request_id,
                        "UUID that makes a repetition harmless");
        app->add_flag("--wait", options->wait, "Wait for the end and show the plan");
        app->add_flag("--dry-run", options->dry_run, "Check everything, start nothing");
      },
      Run);
}

}  // namespace tandem::cli
