// SPDX-License-Identifier: Apache-2.0

#include "cli/export_command.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "cli/export_feed.h"
#include "cli/export_writer.h"
#include "cli/hsds/hsds_export.h"
#include "cli/interrupt.h"
#include "cli/mapping_inverse.h"
#include "cli/nearest_word.h"
#include "cli/number_text.h"
#include "cli/record_feed.h"
#include "cli/region_names_loader.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ExportFlags {
  std::vector<std::string> nouns;
  std::string format = "ndjson";
  std::string out;
  std::string filter;
  std::string mapping;
  std::string loss;
  bool mark = false;
};

absl::Status Unwritable(const std::string& path) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                                 fmt::format("{}: {}", path, std::strerror(errno)));
}

absl::StatusOr<const Noun*> NounNamed(const std::string& word) {
  std::vector<std::string> words;
  for (const Noun& noun : AllNouns()) {
    if (word == noun.word || word == noun.plural) return &noun;
    words.push_back(noun.word);
  }
  return UsageError(fmt::format("unknown kind of record {}{}", word, DidYouMean(word, words)));
}

// The file that the output goes to: written beside its place and moved there when it is whole.
class OutputFile {
 public:
  // Empty: standard output.
  absl::Status Open(const std::string& path, std::ostream& standard) {
    path_ = path;
    standard_ = &standard;
    if (path.empty()) return absl::OkStatus();
    file_.open(path_ + ".part", std::ios::binary | std::ios::trunc);
    return file_ ? absl::OkStatus() : Unwritable(path);
  }
  ~OutputFile() {
    std::error_code ignored;
    if (file_.is_open()) std::filesystem::remove(path_ + ".part", ignored);
  }
  std::ostream& stream() { return path_.empty() ? *standard_ : file_; }

  absl::Status Close() {
    if (path_.empty()) return absl::OkStatus();
    file_.close();
    if (!file_) return Unwritable(path_);
    std::error_code error;
    std::filesystem::rename(path_ + ".part", path_, error);
    if (!error) return absl::OkStatus();
    errno = error.value();
    return Unwritable(path_);
  }

 private:
  std::string path_;
  std::ostream* standard_ = nullptr;
  std::ofstream file_;
};

bool IsHsds(const std::string& format) { return format.starts_with("hsds-"); }

absl::StatusOr<CsvMapping> ReadMapping(const std::string& path, const Noun& noun) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE",
                                   fmt::format("{}: {}", path, std::strerror(errno)));
  }
  return CsvMapping::Parse(text.str(), path, noun.Record());
}

// A writer of CSV or XLSX.
absl::StatusOr<std::unique_ptr<ExportWriter>> MakeTable(Session& session, const Noun& noun,
                                                        const ExportFlags& flags,
                                                        const std::string& path, OutputFile* output,
                                                        LossReport* report) {
  std::optional<CsvMapping> mapping;
  std::vector<std::string> header = DefaultHeader(noun.Record());
  if (flags.mapping.empty()) {
    ASSIGN_OR_RETURN(mapping, CsvMapping::FromHeader(header, noun.Record()));
  } else {
    ASSIGN_OR_RETURN(mapping, ReadMapping(flags.mapping, noun));
    header = HeaderOf(*mapping);
    RETURN_IF_ERROR(mapping->Bind(header));
  }
  std::shared_ptr<const RegionNames> regions;
  if (mapping->NeedsRegions()) {
    ASSIGN_OR_RETURN(regions, LoadRegionNames(session));
  }
  std::unique_ptr<TableWriter> table;
  if (flags.format == "xlsx") {
    ASSIGN_OR_RETURN(table, MakeXlsxWriter(path, noun.plural));
  } else {
    RETURN_IF_ERROR(output->Open(path, session.output().out));
    if (flags.mark) output->stream() << "\xEF\xBB\xBF";
    table = MakeCsvWriter(output->stream(), mapping->delimiter());
  }
  return MakeRowWriter(noun.word, std::move(table), *std::move(mapping), std::move(header),
                       std::move(regions), report);
}

// Writes the records of one kind, and tells how many.
absl::Status WriteAll(Session& session, const Noun& noun, const std::string& filter,
                      const InterruptFlag& interrupt, ExportWriter* writer, LossReport* report) {
  std::unique_ptr<RecordFeed> feed;
  if (noun.Method("Export") != nullptr) {
    feed = std::make_unique<ExportFeed>(session.Public(), noun, filter);
  } else {
    feed = std::make_unique<ListFeed>(session.Public(), noun, filter);
  }
  auto record = NewMessage(noun.Record());
  for (int64_t count = 0;; ++count) {
    ASSIGN_OR_RETURN(bool more, feed->Next(record.get()));
    if (!more) {
      report->Record(noun.word, "written", count);
      if (feed->revision() > 0 && !session.quiet()) {
        session.err() << fmt::format("{} as of revision {}\n", noun.plural, feed->revision());
      }
      return absl::OkStatus();
    }
    if (interrupt.raised()) return absl::CancelledError("stopped; nothing whole was written");
    RETURN_IF_ERROR(writer->Write(*record));
  }
}

absl::Status ExportOne(Session& session, const Noun& noun, const ExportFlags& flags,
                       const std::string& path, const InterruptFlag& interrupt,
                       LossReport* report) {
  OutputFile output;
  std::unique_ptr<ExportWriter> writer;
  if (flags.format == "ndjson") {
    RETURN_IF_ERROR(output.Open(path, session.output().out));
    writer = MakeNdjsonWriter(output.stream());
  } else {
    ASSIGN_OR_RETURN(writer, MakeTable(session, noun, flags, path, &output, report));
  }
  RETURN_IF_ERROR(WriteAll(session, noun, flags.filter, interrupt, writer.get(), report));
  RETURN_IF_ERROR(writer->Finish());
  return flags.format == "xlsx" ? absl::OkStatus() : output.Close();
}

absl::Status ExportHsds(Session& session, const std::vector<const Noun*>& nouns,
                        const ExportFlags& flags, const InterruptFlag& interrupt,
                        LossReport* report) {
  ASSIGN_OR_RETURN(std::shared_ptr<const CategoryMap> categories, LoadCategories(session));
  OutputFile output;
  std::unique_ptr<ExportWriter> writer;
  if (flags.format == "hsds-tabular") {
    ASSIGN_OR_RETURN(writer, MakeHsdsTabularWriter(flags.out, categories, report));
  } else {
    RETURN_IF_ERROR(output.Open(flags.out, session.output().out));
    writer = MakeHsdsJsonWriter(output.stream(), flags.format == "hsds-ndjson", categories, report);
  }
  for (const Noun* noun : nouns) {
    RETURN_IF_ERROR(WriteAll(session, *noun, flags.filter, interrupt, writer.get(), report));
  }
  RETURN_IF_ERROR(writer->Finish());
  return flags.format == "hsds-tabular" ? absl::OkStatus() : output.Close();
}

absl::StatusOr<std::vector<const Noun*>> Nouns(const ExportFlags& flags) {
  std::vector<const Noun*> nouns;
  for (const std::string& word : flags.nouns) {
    ASSIGN_OR_RETURN(const Noun* noun, NounNamed(word));
    if (std::find(nouns.begin(), nouns.end(), noun) != nouns.end()) continue;
    // They belong to people, not to the directory.
    if (noun->word == "contact")
      return UsageError("contacts are personal data: no export has them");
    if (IsHsds(flags.format) && noun->word != "agency" && noun->word != "category") {
      return UsageError(fmt::format("HSDS has agencies and categories, no {}", noun->plural));
    }
    nouns.push_back(noun);
  }
  // A whole term comes before agencies that name it.
  if (IsHsds(flags.format)) {
    std::stable_partition(nouns.begin(), nouns.end(),
                          [](const Noun* noun) { return noun->word == "category"; });
  }
  return nouns;
}

absl::Status CheckFlags(const ExportFlags& flags, size_t nouns) {
  const bool is_table = flags.format == "csv" || flags.format == "xlsx";
  if (!flags.mapping.empty() && !is_table) return UsageError("--mapping goes with csv and xlsx");
  if (!flags.mapping.empty() && nouns > 1) return UsageError("a mapping is for one kind of record");
  if (flags.mark && flags.format != "csv") return UsageError("--mark goes with csv");
  if (flags.out.empty() && (flags.format == "xlsx" || flags.format == "hsds-tabular")) {
    return UsageError(flags.format + " needs --out");
  }
  if (flags.out.empty() && nouns > 1 && !IsHsds(flags.format)) {
    return UsageError("several kinds of records need --out FOLDER");
  }
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunExport(Session& session, const ExportFlags& flags) {
  ASSIGN_OR_RETURN(const std::vector<const Noun*> nouns, Nouns(flags));
  RETURN_IF_ERROR(CheckFlags(flags, nouns.size()));
  LossReport report;
  const InterruptFlag interrupt;
  if (IsHsds(flags.format)) {
    RETURN_IF_ERROR(ExportHsds(session, nouns, flags, interrupt, &report));
  } else {
    std::error_code error;
    if (nouns.size() > 1) std::filesystem::create_directories(flags.out, error);
    for (const Noun* noun : nouns) {
      const std::string path =
          nouns.size() == 1
              ? flags.out
              : (std::filesystem::path(flags.out) / (noun->Collection() + "." + flags.format))
                    .string();
      RETURN_IF_ERROR(ExportOne(session, *noun, flags, path, interrupt, &report));
    }
  }
  if (!flags.loss.empty()) {
    std::ofstream file(flags.loss, std::ios::binary | std::ios::trunc);
    file << report.ToJson().dump(2) << '\n';
    file.close();
    if (!file) return Unwritable(flags.loss);
  }
  if (!session.quiet()) report.Print(session.err());
  return ExitCode::kDone;
}

}  // namespace

void AddExportCommand(CLI::App* root, Action* chosen) {
  AddCommand<ExportFlags>(
      root, chosen, "export", "Write records as NDJSON, CSV, XLSX or HSDS 3.0",
      [](CLI::App* app, ExportFlags* flags) {
        app->add_option("NOUN", flags->nouns, "Kinds of records: agency, category, region …")
            ->required();
        app->add_option("-o,--output", flags->format,
                        "ndjson, csv, xlsx, hsds-json, hsds-ndjson or hsds-tabular")
            ->check(CLI::IsMember(
                {"ndjson", "csv", "xlsx", "hsds-json", "hsds-ndjson", "hsds-tabular"}))
            ->capture_default_str();
        app->add_option(
            "--out", flags->out,
            "File; folder for hsds-tabular or several kinds (default: standard output)");
        app->add_option("--filter", flags->filter, "Which records");
        app->add_option("--mapping", flags->mapping,
                        "csv, xlsx: the mapping file by which an import would read the table");
        app->add_flag("--mark", flags->mark,
                      "csv: begin with the mark by which spreadsheets know UTF-8");
        app->add_option("--loss", flags->loss, "Write what was not carried there, as JSON");
      },
      [](Session& session, const ExportFlags& flags) { return RunExport(session, flags); });
}

}  // namespace tandem::cli
