// SPDX-License-Identifier: Apache-2.0

#include "cli/apply_command.h"

#include <map>
#include <utility>

#include "cli/display_width.h"
#include "cli/error_printer.h"
#include "cli/interrupt.h"
#include "cli/json_writer.h"
#include "cli/number_text.h"
#include "cli/planned_changes.h"
#include "cli/record_text.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ApplyOptions {
  FileOptions files;
  bool dry_run = false;
};

void AddFileFlags(CLI::App* app, FileOptions* options) {
  app->add_option("-f,--file", options->files,
                  "YAML, JSON or NDJSON with records of any type, each with its full name; a "
                  "folder, or - for standard input; repeatable")
      ->required()
      ->allow_extra_args(false);
  app->add_flag("-R,--recursive", options->recursive, "Folders below a folder too");
  app->add_flag(
      "--replace", options->replace,
      "Clear what a file leaves out; else only the fields it sets change, each as a whole");
}

// Tells what became of each record, and counts.
class ApplyReport {
 public:
  explicit ApplyReport(const Session& session) : session_(session) {}

  void Add(const SourcedRecord& record, const std::string& outcome) {
    ++counts_[outcome];
    if (outcome != "failed") ++done_;
    const Output output = session_.output();
    if (output.format == OutputFormat::kTable) {
      output.out << OneLine(record.name) << ' ' << outcome << '\n';
    } else if (output.format == OutputFormat::kName && outcome != "failed") {
      output.out << OneLine(record.name) << '\n';
    }
    results_.push_back({{"name", record.name}, {"outcome", outcome}, {"place", record.place}});
  }

  void AddFailure(const SourcedRecord& record, const absl::Status& status) {
    Add(record, "failed");
    const client::CallError error = client::DescribeError(status);
    results_.back()["reason"] = error.reason;
    results_.back()["message"] = error.message;
    session_.err() << OneLine(record.place) << ": " << OneLine(record.name) << '\n';
    PrintError(session_.err(), status, session_.options().server, session_.colour_errors());
    last_failure_ = status;
  }

  void End() const {
    const Output output = session_.output();
    nlohmann::ordered_json document = {{"results", results_}};
    for (const auto& [outcome, count] : counts_) document[outcome] = count;
    if (output.format == OutputFormat::kJson) output.out << JsonText(document) << '\n';
    if (output.format == OutputFormat::kYaml) output.out << YamlText(document);
  }

  ExitCode Code() const {
    if (last_failure_.ok()) return ExitCode::kDone;
    return done_ > 0 ? ExitCode::kPartialImport : ExitCodeFor(last_failure_.code());
  }

 private:
  const Session& session_;
  std::map<std::string, int> counts_ = {
      {"created", 0}, {"configured", 0}, {"unchanged", 0}, {"failed", 0}};
  nlohmann::ordered_json results_ = nlohmann::ordered_json::array();
  int done_ = 0;
  absl::Status last_failure_;
};

// Whether to go on with the next record after this error.
bool MayGoOn(const absl::Status& status) {
  return status.code() != absl::StatusCode::kUnavailable &&
         status.code() != absl::StatusCode::kDeadlineExceeded;
}

absl::StatusOr<ExitCode> RunApply(Session& session, const ApplyOptions& options) {
  ASSIGN_OR_RETURN(auto records, ReadRecordFiles(options.files.files, options.files.recursive));
  records = ReferencedFirst(std::move(records));
  const InterruptFlag interrupt;
  PlannedChanges changes(session.Public(), {options.dry_run, options.files.replace});
  ApplyReport report(session);
  for (const SourcedRecord& record : records) {
    if (interrupt.raised()) break;
    const absl::StatusOr<RecordChange> change = changes.Make(record);
    if (!change.ok()) {
      report.AddFailure(record, change.status());
      if (!MayGoOn(change.status())) break;
      continue;
    }
    report.Add(record, !change->before ? "created" : change->changed ? "configured" : "unchanged");
  }
  report.End();
  if (options.dry_run && !session.quiet()) session.err() << "dry run: nothing was written\n";
  return interrupt.raised() ? ExitCode::kInterrupted : report.Code();
}

// Prints how one record would change; tells whether it would.
absl::StatusOr<bool> PrintDifference(const SourcedRecord& record, const RecordChange& change,
                                     const Output& output) {
  if (!change.changed) return false;
  std::string before;
  if (change.before) {
    ASSIGN_OR_RETURN(before, WritableYaml(*change.before));
  }
  ASSIGN_OR_RETURN(const std::string after, WritableYaml(*change.after));
  if (output.format == OutputFormat::kName) {
    output.out << OneLine(record.name) << '\n';
  } else {
    output.out << UnifiedDiff(before, after, change.before ? record.name : "/dev/null",
                              record.name + " " + record.place, output.colour);
  }
  return before != after;
}

absl::StatusOr<ExitCode> RunDiff(Session& session, const FileOptions& options) {
  ASSIGN_OR_RETURN(auto records, ReadRecordFiles(options.files, options.recursive));
  records = ReferencedFirst(std::move(records));
  PlannedChanges changes(session.Public(), {/*dry_run=*/true, options.replace});
  bool different = false;
  absl::Status failure;
  for (const SourcedRecord& record : records) {
    const absl::StatusOr<RecordChange> change = changes.Make(record);
    if (!change.ok()) {
      session.err() << OneLine(record.place) << ": " << OneLine(record.name) << '\n';
      PrintError(session.err(), change.status(), session.options().server, session.colour_errors());
      failure = change.status();
      if (!MayGoOn(failure)) break;
      continue;
    }
    ASSIGN_OR_RETURN(const bool differs, PrintDifference(record, *change, session.output()));
    different |= differs;
  }
  if (!failure.ok()) {
    const ExitCode code = ExitCodeFor(failure.code());
    return code == ExitCode::kFailed ? ExitCode::kNotCompared : code;
  }
  return different ? ExitCode::kDifferent : ExitCode::kDone;
}

}  // namespace

void AddApplyCommand(CLI::App* root, Action* chosen) {
  AddCommand<ApplyOptions>(
      root, chosen, "apply", "Create or change records of any type to what files say",
      [](CLI::App* app, ApplyOptions* options) {
        AddFileFlags(app, &options->files);
        app->add_flag("--dry-run", options->dry_run, "Check everything, write nothing");
        app->footer(
            "Referenced records are written before those that name them. A record that is refused "
            "is told on\nstandard error and does not stop the others; exit code 7 then. For many "
            "thousands of records use import.");
      },
      RunApply);
}

void AddDiffCommand(CLI::App* root, Action* chosen) {
  AddCommand<FileOptions>(
      root, chosen, "diff", "Show what `apply` would change",
      [](CLI::App* app, FileOptions* options) {
        AddFileFlags(app, options);
        app->footer(
            "Exit codes: 0 no difference · 1 differences · above 1 a record could not be compared "
            "(8, or the code\nof the error as in tandem --help).");
      },
      RunDiff);
}

}  // namespace tandem::cli
