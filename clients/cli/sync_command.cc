// SPDX-License-Identifier: Apache-2.0

#include "cli/sync_command.h"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "fmt/format.h"

#include "cli/import_input.h"
#include "cli/import_report.h"
#include "cli/import_run.h"
#include "cli/interrupt.h"
#include "cli/noun.h"
#include "cli/number_text.h"
#include "cpp/call_error.h"
#include "cpp/request_id.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// Times in a row that a full sync is sent again after a broken connection.
constexpr int kMaxAttempts = 5;

struct SyncFlags {
  InputFlags input;
  std::string source;
  std::string reject;
  std::string request_id;
  int64_t show_errors = 100;
  bool full = false;
  bool force = false;
  bool dry_run = false;
};

const Noun& AgencyNoun() {
  for (const Noun& noun : AllNouns()) {
    if (noun.word == "agency") return noun;
  }
  return AllNouns().front();
}

v1::ImportOptions OptionsOf(const SyncFlags& flags) {
  v1::ImportOptions options;
  options.set_request_id(flags.request_id.empty() ? client::NewRequestId() : flags.request_id);
  options.set_validate_only(flags.dry_run);
  v1::SyncOptions* sync = options.mutable_sync();
  const bool whole = flags.source.find('/') != std::string::npos;
  sync->set_source(whole ? flags.source : "sources/" + flags.source);
  sync->set_full(flags.full);
  sync->set_force(flags.force);
  return options;
}

// Why nothing was marked although records are missing; empty when there is no such reason.
std::string UnmarkedReason(const v1::SyncResult& result, const std::string& source) {
  const std::string share =
      fmt::format("{} of the {} records of {}", GroupedNumber(result.missing_count()),
                  GroupedNumber(result.known_count()), source);
  if (result.outcome() == v1::SYNC_OUTCOME_PROTECTED) {
    return share +
           " are missing, more than its protection threshold allows: none was marked; "
           "--force marks them";
  }
  if (result.outcome() == v1::SYNC_OUTCOME_UNREAD) {
    return share +
           " are missing, but some of the file could not be read: none was marked; mend "
           "the file, or --force marks them";
  }
  return "";
}

absl::StatusOr<ExitCode> RunSync(Session& session, const SyncFlags& flags) {
  if (flags.force && !flags.full) return UsageError("--force goes with --full");
  const Noun& noun = AgencyNoun();
  const v1::ImportOptions options = OptionsOf(flags);
  std::error_code error;
  const bool again =
      flags.full && !flags.dry_run && std::filesystem::is_regular_file(flags.input.file, error);
  std::unique_ptr<ImportReport> report;
  std::unique_ptr<ImportInput> input;
  std::unique_ptr<ImportRun> run;
  const InterruptFlag interrupt;
  absl::Status status;
  // What is missing can only be told of a whole file: a broken connection begins it anew, and the
  // server knows how far it got.
  for (int attempt = 1;; ++attempt) {
    ASSIGN_OR_RETURN(std::unique_ptr<ImportInput> opened,
                     ImportInput::Open(session, noun, flags.input));
    run.reset();
    input = std::move(opened);
    if (report == nullptr) {
      report = std::make_unique<ImportReport>(session, input->name(), input->total_bytes(),
                                              session.quiet() ? 0 : flags.show_errors);
      if (!flags.reject.empty()) {
        ASSIGN_OR_RETURN(std::unique_ptr<RejectFile> rejects,
                         input->OpenRejects(flags.reject, std::nullopt));
        report->KeepRejects(std::move(rejects));
      }
    } else {
      report->Resume(0, report->last_local_line());
    }
    run = std::make_unique<ImportRun>(session.Public(), *noun.Method("Import"), noun.Record(),
                                      options, CheckpointPlan(), input.get(), report.get());
    status = run->Run(/*resume=*/attempt > 1 || !flags.request_id.empty(),
                      [&interrupt] { return interrupt.raised(); });
    if (status.ok() || !again || interrupt.raised() || attempt == kMaxAttempts ||
        !client::IsRetryable(status.code())) {
      break;
    }
    report->Note(
        fmt::format("connection lost ({}), sending the file again", std::string(status.message())));
    absl::SleepFor(client::RetryPause(attempt + 1, 0.5));
  }
  const client::Importer& importer = run->importer();
  if (const std::string note = input->EncodingNote(); !note.empty()) report->Note(note);
  RETURN_IF_ERROR(report->FinishSync(importer.counts()));
  if (status.ok()) status = input->Finish();
  if (!status.ok()) {
    report->Note(fmt::format("go on with: --request-id {}", importer.request_id()));
    return status;
  }
  if (interrupt.raised()) {
    report->Stopped(flags.dry_run
                        ? "stopped; nothing was written"
                        : fmt::format("stopped before the end, nothing was marked; go on with: "
                                      "--request-id {}",
                                      importer.request_id()));
    return ExitCode::kInterrupted;
  }
  const std::string unmarked = UnmarkedReason(importer.sync_result(), options.sync().source());
  if (!unmarked.empty()) report->Stopped(unmarked);
  const bool refused = report->local_refusals() > 0 || importer.counts().failed() > 0;
  return refused || !unmarked.empty() ? ExitCode::kPartialImport : ExitCode::kDone;
}

}  // namespace

void AddSyncCommand(CLI::App* root, Action* chosen) {
  AddCommand<SyncFlags>(
      root, chosen, "sync", "Take a file as what a source says of agencies, night after night",
      [](CLI::App* app, SyncFlags* flags) {
        AddInputFlags(app, &flags->input);
        app->add_option("--source", flags->source, "The source: sources/{id}, or the id alone")
            ->required();
        app->add_flag("--full", flags->full,
                      "The file holds all that the source has: mark what is missing");
        app->add_flag("--force", flags->force,
                      "Mark however many are missing, and with unread records too");
        app->add_option("--reject", flags->reject,
                        "Write refused records there, as they were, to mend and sync again");
        app->add_option("--show-errors", flags->show_errors, "Most refusals printed")
            ->check(CLI::NonNegativeNumber);
        app->add_option("--request-id", flags->request_id,
                        "UUID; the same again resumes that sync");
        app->add_flag("--dry-run", flags->dry_run, "Check everything, write nothing");
      },
      RunSync);
}

}  // namespace tandem::cli
