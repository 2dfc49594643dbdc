// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>
#include <sstream>

#include "fmt/format.h"

#include "cli/csv_source.h"
#include "cli/import_report.h"
#include "cli/interrupt.h"
#include "cli/ndjson_source.h"
#include "cli/record_commands.h"
#include "cpp/call_error.h"
#include "cpp/importer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ImportFlags {
  std::string file;
  std::string format;
  std::string mapping;
  std::string on_conflict = "fail";
  std::string reject;
  std::string request_id;
  int64_t show_errors = 100;
  bool dry_run = false;
  bool keep_unverified_identifiers = false;
};

v1::ImportConflictRule ConflictRule(const std::string& word) {
  if (word == "skip") return v1::IMPORT_CONFLICT_RULE_SKIP;
  if (word == "replace") return v1::IMPORT_CONFLICT_RULE_REPLACE;
  return v1::IMPORT_CONFLICT_RULE_FAIL;
}

absl::Status Unreadable(const std::string& file) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                 fmt::format("{}: {}", file, std::strerror(errno)));
}

// An error about the file as a whole.
absl::Status FileError(const std::string& text) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_INVALID", text);
}

absl::StatusOr<std::unique_ptr<RecordSource>> OpenSource(std::istream& in, const ImportFlags& flags,
                                                         const Noun& noun) {
  const bool named_csv =
      flags.file.size() > 4 && flags.file.substr(flags.file.size() - 4) == ".csv";
  const bool csv =
      flags.format == "csv" || (flags.format.empty() && (named_csv || !flags.mapping.empty()));
  if (!csv) {
    if (!flags.mapping.empty()) return UsageError("--mapping goes with --format csv");
    return std::make_unique<NdjsonSource>(in);
  }
  std::optional<CsvMapping> mapping;
  if (!flags.mapping.empty()) {
    std::ifstream mapping_file(flags.mapping, std::ios::binary);
    std::ostringstream text;
    text << mapping_file.rdbuf();
    if (!mapping_file) return Unreadable(flags.mapping);
    absl::StatusOr<CsvMapping> parsed = CsvMapping::Parse(text.str(), flags.mapping, noun.Record());
    if (!parsed.ok()) return FileError(std::string(parsed.status().message()));
    mapping = *std::move(parsed);
  }
  auto source = CsvSource::Open(in, std::move(mapping), noun.Record());
  if (!source.ok()) {
    return FileError(fmt::format("{}: {}", flags.file, std::string(source.status().message())));
  }
  return std::unique_ptr<RecordSource>(*std::move(source));
}

// The records sent and not settled, so that an answer finds the line it is about.
class SentRecords {
 public:
  void Add(int64_t number, const SourceText& text) { sent_.push_back({number, text}); }
  void DropUpTo(int64_t number) {
    while (!sent_.empty() && sent_.front().number <= number) sent_.pop_front();
  }
  const SourceText* Find(int64_t number) const {
    auto at =
        std::lower_bound(sent_.begin(), sent_.end(), number,
                         [](const Sent& sent, int64_t wanted) { return sent.number < wanted; });
    return at == sent_.end() || at->number != number ? nullptr : &at->text;
  }

 private:
  struct Sent {
    int64_t number = 0;
    SourceText text;
  };
  std::deque<Sent> sent_;
};

// A server's refusal as one about a place in the file.
void ReportRefusal(const v1::ImportError& error, const SentRecords& sent,
                   const RecordSource& source, ImportReport* report) {
  const SourceText* text = sent.Find(error.number());
  if (text == nullptr) {
    // Refused in an earlier part of a resumed import: the line was read before the break.
    report->Note(fmt::format("record {}: {}: {}", error.number(), error.reason(), error.message()));
    return;
  }
  Refusal refusal{text->line, 1, "", error.reason(), error.message()};
  if (error.violations_size() > 0) {
    const auto& first = error.violations(0);
    refusal.field = first.field();
    refusal.message = first.description();
    for (int i = 1; i < error.violations_size(); ++i) {
      refusal.message +=
          fmt::format("; {}: {}", error.violations(i).field(), error.violations(i).description());
    }
    source.Locate(*text, first.field(), &refusal);
  }
  report->Refused(*text, refusal, /*local=*/false);
}

// A record that was taken with something to look at. Note() keeps quiet when asked to.
void ReportWarning(const v1::ImportWarning& warning, const SentRecords& sent,
                   const std::string& file, ImportReport* report) {
  const SourceText* text = sent.Find(warning.number());
  for (const v1::ImportFieldViolation& violation : warning.violations()) {
    const std::string place = text == nullptr ? fmt::format("record {}", warning.number())
                                              : fmt::format("{}:{}", file, text->line);
    report->Note(
        fmt::format("{}: warning: {}: {}", place, violation.field(), violation.description()));
  }
}

absl::StatusOr<ExitCode> RunImport(Session& session, const Noun& noun, const ImportFlags& flags) {
  std::ifstream file;
  const bool from_input = flags.file == "-";
  uint64_t total_bytes = 0;
  if (!from_input) {
    file.open(flags.file, std::ios::binary);
    if (!file) return Unreadable(flags.file);
    std::error_code error;
    total_bytes = std::filesystem::file_size(flags.file, error);
    if (error) total_bytes = 0;
  }
  std::istream& in = from_input ? std::cin : file;
  ASSIGN_OR_RETURN(std::unique_ptr<RecordSource> source, OpenSource(in, flags, noun));

  ImportReport report(session, from_input ? "standard input" : flags.file, total_bytes,
                      session.quiet() ? 0 : flags.show_errors);
  if (!flags.reject.empty()) {
    RETURN_IF_ERROR(report.OpenRejects(flags.reject, source->RejectHeader()));
  }

  v1::ImportOptions options;
  options.set_request_id(flags.request_id);
  options.set_on_conflict(ConflictRule(flags.on_conflict));
  options.set_validate_only(flags.dry_run);
  options.set_keep_unverified_identifiers(flags.keep_unverified_identifiers);
  SentRecords sent;
  client::ImportEvents events;
  events.refused = [&](const v1::ImportError& error) {
    ReportRefusal(error, sent, *source, &report);
  };
  events.warned = [&](const v1::ImportWarning& warning) {
    ReportWarning(warning, sent, from_input ? "standard input" : flags.file, &report);
  };
  events.settled = [&](int64_t number) { sent.DropUpTo(number); };
  events.resumed = [&](int64_t number, const absl::Status& why) {
    report.Note(fmt::format("connection lost ({}), going on after record {}",
                            std::string(why.message()), number));
  };
  client::Importer importer(session.Public(), *noun.Method("Import"), options, events);

  // What was sent is settled and told before the program ends.
  const InterruptFlag interrupt;
  auto run = [&]() -> absl::Status {
    RETURN_IF_ERROR(importer.Start(/*resume=*/!flags.request_id.empty()));
    auto record = NewMessage(noun.Record());
    SourceText text;
    Refusal refusal;
    for (int64_t number = 1; !interrupt.raised();) {
      const RecordSource::Step step = source->Next(record.get(), &text, &refusal);
      if (step == RecordSource::Step::kEnd) break;
      if (step == RecordSource::Step::kRefused) {
        report.Refused(text, refusal, /*local=*/true);
      } else {
        if (number > importer.settled_number()) sent.Add(number, text);
        ++number;
        RETURN_IF_ERROR(importer.Add(*record));
      }
      report.Progress(source->bytes_read(), importer.counts());
    }
    return importer.Finish();
  };
  const absl::Status status = run();
  RETURN_IF_ERROR(report.Finish(importer.counts()));
  if (!status.ok()) {
    report.Note(fmt::format("settled up to record {}; go on with: --request-id {}",
                            importer.settled_number(), importer.request_id()));
    return status;
  }
  if (in.bad()) return FileError(flags.file + ": the file could not be read to its end");
  if (interrupt.raised()) {
    report.Stopped(flags.dry_run
                       ? "stopped; nothing was written"
                       : fmt::format("stopped after record {}; go on with: --request-id {}",
                                     importer.settled_number(), importer.request_id()));
    return ExitCode::kInterrupted;
  }
  const bool refused = report.local_refusals() > 0 || importer.counts().failed() > 0;
  return refused ? ExitCode::kPartialImport : ExitCode::kDone;
}

}  // namespace

void AddImportCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<ImportFlags>(
      parent, chosen, "import", "Import " + noun.plural + " from NDJSON or CSV, any number",
      [](CLI::App* app, ImportFlags* flags) {
        app->add_option("FILE,-f,--file", flags->file, "The file; - reads standard input")
            ->required();
        app->add_option("--format", flags->format, "ndjson or csv (default: by the file's name)")
            ->check(CLI::IsMember({"ndjson", "csv"}));
        app->add_option("--mapping", flags->mapping, "CSV: which column fills which field");
        app->add_option("--on-conflict", flags->on_conflict,
                        "A name that exists: fail, skip or replace")
            ->check(CLI::IsMember({"fail", "skip", "replace"}));
        app->add_option("--reject", flags->reject,
                        "Write refused lines there, to mend and import again");
        app->add_option("--show-errors", flags->show_errors, "Most refusals printed")
            ->check(CLI::NonNegativeNumber);
        app->add_option("--request-id", flags->request_id,
                        "UUID; the same again resumes that import");
        app->add_flag("--dry-run", flags->dry_run, "Check everything, write nothing");
        app->add_flag("--keep-unverified-identifiers", flags->keep_unverified_identifiers,
                      "From a registry: keep numbers with a wrong check character, unverified");
      },
      [&noun](Session& session, const ImportFlags& flags) {
        return RunImport(session, noun, flags);
      });
}

}  // namespace tandem::cli
