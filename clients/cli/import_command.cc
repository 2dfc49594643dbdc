// SPDX-License-Identifier: Apache-2.0

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "cli/import_checkpoint.h"
#include "cli/import_input.h"
#include "cli/import_report.h"
#include "cli/import_run.h"
#include "cli/interrupt.h"
#include "cli/record_commands.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ImportFlags {
  InputFlags input;
  std::string on_conflict = "fail";
  std::string reject;
  std::string request_id;
  std::string checkpoint;
  int64_t show_errors = 100;
  bool resume = false;
  bool dry_run = false;
  bool keep_unverified_identifiers = false;
};

v1::ImportConflictRule ConflictRule(const std::string& word) {
  if (word == "skip") return v1::IMPORT_CONFLICT_RULE_SKIP;
  if (word == "replace") return v1::IMPORT_CONFLICT_RULE_REPLACE;
  return v1::IMPORT_CONFLICT_RULE_FAIL;
}

// Only a file that is there for a second reading has a checkpoint, and only a real import needs
// one.
std::string CheckpointPath(const ImportFlags& flags) {
  if (flags.dry_run || flags.checkpoint == "none") return "";
  if (!flags.checkpoint.empty()) return flags.checkpoint;
  std::error_code error;
  return std::filesystem::is_regular_file(flags.input.file, error)
             ? flags.input.file + ".checkpoint"
             : "";
}

// The checkpoint to go on from, or a fresh one.
absl::StatusOr<CheckpointPlan> PlanCheckpoint(const Noun& noun, const ImportFlags& flags,
                                              const ImportInput& input) {
  CheckpointPlan plan;
  plan.path = CheckpointPath(flags);
  plan.required = !flags.checkpoint.empty();
  plan.state.setup = fmt::format("{} {} {}", noun.word, flags.on_conflict, input.setup());
  plan.state.reject_file = flags.reject;
  if (!plan.path.empty()) plan.state.file = FileFingerprint(flags.input.file);
  if (!flags.resume) return plan;
  if (plan.path.empty()) return UsageError("--resume takes a file, and no --dry-run");
  ASSIGN_OR_RETURN(ImportCheckpoint loaded, LoadCheckpoint(plan.path));
  const char* changed = nullptr;
  if (loaded.file != plan.state.file) changed = "the file changed";
  if (loaded.setup != plan.state.setup) changed = "it is now read or imported in another way";
  if (loaded.reject_file != plan.state.reject_file) changed = "the reject file is another one";
  if (changed != nullptr) {
    return client::MakeClientError(
        absl::StatusCode::kFailedPrecondition, "CHECKPOINT_MISMATCH",
        fmt::format(
            "{}: {} since that import began; import the whole file, with --on-conflict skip "
            "or replace for what is there already",
            plan.path, changed));
  }
  plan.state = std::move(loaded);
  return plan;
}

absl::StatusOr<ExitCode> RunImport(Session& session, const Noun& noun, const ImportFlags& flags) {
  ASSIGN_OR_RETURN(std::unique_ptr<ImportInput> input,
                   ImportInput::Open(session, noun, flags.input));
  ASSIGN_OR_RETURN(CheckpointPlan plan, PlanCheckpoint(noun, flags, *input));
  ImportReport report(session, input->name(), input->total_bytes(),
                      session.quiet() ? 0 : flags.show_errors);
  std::optional<uint64_t> keep_bytes;
  if (flags.resume) {
    RETURN_IF_ERROR(input->source().SkipTo(plan.state.position));
    report.Resume(plan.state.local_refusals, plan.state.refused_line);
    keep_bytes = plan.state.reject_bytes;
  }
  if (!flags.reject.empty()) {
    ASSIGN_OR_RETURN(std::unique_ptr<RejectFile> rejects,
                     input->OpenRejects(flags.reject, keep_bytes));
    report.KeepRejects(std::move(rejects));
  }

  v1::ImportOptions options;
  options.set_request_id(flags.resume ? plan.state.request_id : flags.request_id);
  options.set_on_conflict(ConflictRule(flags.on_conflict));
  options.set_validate_only(flags.dry_run);
  options.set_keep_unverified_identifiers(flags.keep_unverified_identifiers);
  ImportRun run(session.Public(), *noun.Method("Import"), noun.Record(), options, std::move(plan),
                input.get(), &report);
  const client::Importer& importer = run.importer();

  // What was sent is settled and told before the program ends.
  const InterruptFlag interrupt;
  absl::Status status = run.Run(/*resume=*/flags.resume || !flags.request_id.empty(),
                                [&interrupt] { return interrupt.raised(); });
  if (const std::string note = input->EncodingNote(); !note.empty()) report.Note(note);
  RETURN_IF_ERROR(report.Finish(importer.counts()));
  if (status.ok()) status = input->Finish();
  RETURN_IF_ERROR(run.KeepCheckpoint(/*whole=*/status.ok() && !interrupt.raised()));
  const std::string how = fmt::format("--request-id {}{}", importer.request_id(),
                                      CheckpointPath(flags).empty() ? "" : " (quicker: --resume)");
  if (!status.ok()) {
    report.Note(
        fmt::format("settled up to record {}; go on with: {}", importer.settled_number(), how));
    return status;
  }
  if (interrupt.raised()) {
    report.Stopped(flags.dry_run ? "stopped; nothing was written"
                                 : fmt::format("stopped after record {}; go on with: {}",
                                               importer.settled_number(), how));
    return ExitCode::kInterrupted;
  }
  if (run.untold_refusals() > 0) {
    report.Note(
        fmt::format("{} of the refused records were refused before the break and are not told "
                    "or kept again",
                    run.untold_refusals()));
  }
  const bool refused = report.local_refusals() > 0 || importer.counts().failed() > 0;
  return refused ? ExitCode::kPartialImport : ExitCode::kDone;
}

}  // namespace

void AddImportCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<ImportFlags>(
      parent, chosen, "import", "Import " + noun.plural + " from NDJSON, CSV or XLSX, any number",
      [](CLI::App* app, ImportFlags* flags) {
        AddInputFlags(app, &flags->input);
        app->add_option("--on-conflict", flags->on_conflict,
                        "A name that exists: fail, skip or replace")
            ->check(CLI::IsMember({"fail", "skip", "replace"}));
        app->add_option("--reject", flags->reject,
                        "Write refused records there, as they were, to mend and import again");
        app->add_option("--show-errors", flags->show_errors, "Most refusals printed")
            ->check(CLI::NonNegativeNumber);
        auto* id = app->add_option("--request-id", flags->request_id,
                                   "UUID; the same again resumes that import");
        app->add_option(
            "--checkpoint", flags->checkpoint,
            "Where the import notes how far it got (default: FILE.checkpoint; or none)");
        app->add_flag("--resume", flags->resume, "Go on from the checkpoint of an import cut off")
            ->excludes(id);
        app->add_flag("--dry-run", flags->dry_run, "Check everything, write nothing");
        app->add_flag("--keep-unverified-identifiers", flags->keep_unverified_identifiers,
                      "From a registry: keep numbers with a wrong check character, unverified");
      },
      [&noun](Session& session, const ImportFlags& flags) {
        return RunImport(session, noun, flags);
      });
}

}  // namespace tandem::cli
