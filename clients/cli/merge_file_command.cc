// SPDX-License-Identifier: Apache-2.0

#include "cli/merge_file_command.h"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/types/span.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"
#include "tandem/v1/agency_identity.pb.h"
#include "tandem/v1/agency_service.pb.h"

#include "cli/csv_reader.h"
#include "cli/json_writer.h"
#include "cli/merge_map.h"
#include "cli/number_text.h"
#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using Kind = MergeFinding::Kind;

// A list is held in memory; the longest that registries publish have some ten thousand lines.
constexpr size_t kMaxRows = 1'000'000;
// Merged records of one call.
constexpr size_t kMergedAtOnce = 100;

struct MergeFileOptions {
  std::string file;
  std::string from_column = "from";
  std::string to_column = "to";
  std::string scheme;
  bool fill_empty = false;
  bool dry_run = false;
};

absl::Status FileError(const std::string& message) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNREADABLE", message);
}

absl::StatusOr<size_t> FindColumn(const CsvRecord& header, const std::string& name,
                                  const std::string& file) {
  auto at = std::find(header.fields.begin(), header.fields.end(), name);
  if (at != header.fields.end()) return static_cast<size_t>(at - header.fields.begin());
  return FileError(fmt::format("{}: the header has no column \"{}\"", file, name));
}

std::string Trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

absl::StatusOr<std::vector<MergeRow>> ReadRows(const MergeFileOptions& options) {
  std::ifstream file;
  if (options.file != "-") {
    file.open(options.file, std::ios::binary);
    if (!file) return FileError(options.file + ": the file can't be opened");
  }
  CsvReader reader(options.file == "-" ? std::cin : file);
  CsvRecord record;
  if (!reader.Next(&record) || !record.problem.empty()) {
    return FileError(options.file + ": the first line must name the columns");
  }
  ASSIGN_OR_RETURN(const size_t from, FindColumn(record, options.from_column, options.file));
  ASSIGN_OR_RETURN(const size_t to, FindColumn(record, options.to_column, options.file));
  std::vector<MergeRow> rows;
  while (reader.Next(&record)) {
    if (!record.problem.empty() || record.fields.size() <= std::max(from, to)) {
      return FileError(
          fmt::format("{}:{}: {}", options.file, record.line,
                      record.problem.empty() ? "the line has too few fields" : record.problem));
    }
    if (rows.size() == kMaxRows) {
      return FileError(fmt::format("{}: more than {} lines; cut the list", options.file, kMaxRows));
    }
    rows.push_back({record.line, Trimmed(record.fields[from]), Trimmed(record.fields[to])});
  }
  return rows;
}

// Performs a plan and tells what became of it.
class MergeRun {
 public:
  MergeRun(Session& session, const MergeFileOptions& options, MergePlan plan)
      : session_(session), options_(options), plan_(std::move(plan)) {}

  absl::Status Run() {
    for (const MergeGroup& group : plan_.groups) RETURN_IF_ERROR(RunGroup(group));
    std::stable_sort(plan_.findings.begin(), plan_.findings.end(),
                     [](const MergeFinding& a, const MergeFinding& b) { return a.line < b.line; });
    return absl::OkStatus();
  }

  ExitCode Print(size_t rows) const {
    std::map<std::string, int64_t> counts;
    bool undone = false;
    for (const MergeFinding& finding : plan_.findings) {
      ++counts[KindWord(finding.kind)];
      undone = undone || IsUndone(finding.kind);
    }
    const Output output = session_.output();
    if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
      PrintDocument(rows, counts);
    } else {
      for (const MergeFinding& finding : plan_.findings) {
        session_.err() << fmt::format("{}:{}: {}: {}\n", options_.file, finding.line,
                                      KindWord(finding.kind), finding.text);
      }
      output.out << fmt::format(
          "{}: {} {}, {} merged before", Counted(static_cast<int64_t>(rows), "line", "lines"),
          GroupedNumber(merged_), options_.dry_run ? "would be merged" : "merged",
          GroupedNumber(merged_before_));
      for (const auto& [word, count] : counts) {
        output.out << fmt::format(", {} {}", GroupedNumber(count), word);
      }
      output.out << "\n";
    }
    return undone ? ExitCode::kPartialImport : ExitCode::kDone;
  }

 private:
  // A line with the agency that its old number stands for.
  struct Merged {
    const MergeRow* row;
    std::string name;
  };

  // The agency that a number or a name stands for; empty with `why` when there is none.
  absl::StatusOr<std::string> Resolve(const std::string& number, std::string* why) {
    auto [at, fresh] = known_.try_emplace(number);
    if (!fresh) {
      if (at->second.empty()) *why = unknown_[number];
      return at->second;
    }
    std::string found;
    if (options_.scheme.empty()) {
      ASSIGN_OR_RETURN(found, ResolveName(number, why));
    } else {
      ASSIGN_OR_RETURN(found, ResolveNumber(number, why));
    }
    if (found.empty()) unknown_[number] = *why;
    known_[number] = found;
    return found;
  }

  absl::StatusOr<std::string> ResolveName(const std::string& number, std::string* why) {
    v1::GetAgencyRequest request;
    request.set_name(number.find('/') == std::string::npos ? "agencies/" + number : number);
    v1::Agency agency;
    const absl::Status status =
        session_.Public().Call("tandem.v1.AgencyService.GetAgency", request, &agency);
    if (status.ok()) return agency.name();
    if (!IsAboutTheRecord(status)) return status;
    *why = client::DescribeError(status).message;
    return std::string();
  }

  absl::StatusOr<std::string> ResolveNumber(const std::string& number, std::string* why) {
    v1::LookupAgencyRequest request;
    request.set_scheme(options_.scheme);
    request.set_value(number);
    v1::LookupAgencyResponse answer;
    const absl::Status status =
        session_.Public().Call("tandem.v1.AgencyService.LookupAgency", request, &answer);
    if (!status.ok()) return status;
    if (answer.has_agency()) return answer.agency().name();
    if (answer.candidates_size() == 1) return answer.candidates(0).name();
    *why = answer.candidates().empty()
               ? fmt::format("no agency has the number {} {}", options_.scheme, number)
               : fmt::format("{} agencies state the number {} {}; say which",
                             answer.candidates_size(), options_.scheme, number);
    return std::string();
  }

  // Whether the line is to blame and not the connection.
  static bool IsAboutTheRecord(const absl::Status& status) {
    return status.code() == absl::StatusCode::kNotFound ||
           status.code() == absl::StatusCode::kInvalidArgument ||
           status.code() == absl::StatusCode::kFailedPrecondition ||
           status.code() == absl::StatusCode::kAlreadyExists;
  }

  absl::Status RunGroup(const MergeGroup& group) {
    std::string why;
    ASSIGN_OR_RETURN(const std::string survivor, Resolve(group.survivor, &why));
    std::vector<Merged> merged;
    for (const MergeRow& row : group.merged) {
      if (survivor.empty()) {
        plan_.findings.push_back({row.line, Kind::kUnknown, why});
        continue;
      }
      std::string why_not;
      ASSIGN_OR_RETURN(std::string name, Resolve(row.from, &why_not));
      if (name.empty()) {
        plan_.findings.push_back({row.line, Kind::kUnknown, why_not});
      } else if (name == survivor) {
        // An earlier run moved its number, or both stand in one record.
        ++merged_before_;
      } else {
        merged.push_back({&row, std::move(name)});
      }
    }
    for (size_t begin = 0; begin < merged.size(); begin += kMergedAtOnce) {
      const size_t end = std::min(merged.size(), begin + kMergedAtOnce);
      RETURN_IF_ERROR(Merge(survivor, absl::MakeConstSpan(merged).subspan(begin, end - begin)));
    }
    return absl::OkStatus();
  }

  // Merges these lines in one call; one that is refused is tried line by line, to find who is to
  // blame.
  absl::Status Merge(const std::string& survivor, absl::Span<const Merged> merged) {
    v1::MergeAgenciesRequest request;
    request.set_survivor(survivor);
    request.set_fill_empty(options_.fill_empty);
    request.set_validate_only(options_.dry_run);
    // Two numbers of one record are one merge.
    absl::flat_hash_set<std::string> names;
    for (const Merged& each : merged) {
      if (names.insert(each.name).second) request.add_merged(each.name);
    }
    v1::Agency answer;
    const absl::Status status =
        session_.Public().Call("tandem.v1.AgencyService.MergeAgencies", request, &answer);
    if (status.ok()) {
      merged_ += static_cast<int64_t>(merged.size());
      return absl::OkStatus();
    }
    if (!IsAboutTheRecord(status)) return status;
    if (merged.size() == 1) {
      plan_.findings.push_back(
          {merged.front().row->line, Kind::kRefused, client::DescribeError(status).message});
      return absl::OkStatus();
    }
    for (size_t i = 0; i < merged.size(); ++i) {
      RETURN_IF_ERROR(Merge(survivor, merged.subspan(i, 1)));
    }
    return absl::OkStatus();
  }

  void PrintDocument(size_t rows, const std::map<std::string, int64_t>& counts) const {
    nlohmann::ordered_json document;
    document["lines"] = rows;
    document["merged"] = merged_;
    document["mergedBefore"] = merged_before_;
    document["counts"] = nlohmann::ordered_json::object();
    for (const auto& [word, count] : counts) document["counts"][word] = count;
    document["findings"] = nlohmann::ordered_json::array();
    for (const MergeFinding& finding : plan_.findings) {
      document["findings"].push_back(
          {{"line", finding.line}, {"kind", KindWord(finding.kind)}, {"text", finding.text}});
    }
    const Output output = session_.output();
    if (output.format == OutputFormat::kJson) {
      output.out << JsonText(document) << "\n";
    } else {
      output.out << YamlText(document);
    }
  }

  Session& session_;
  const MergeFileOptions& options_;
  MergePlan plan_;
  int64_t merged_ = 0;
  int64_t merged_before_ = 0;
  // By number; empty: none.
  absl::flat_hash_map<std::string, std::string> known_;
  absl::flat_hash_map<std::string, std::string> unknown_;
};

absl::StatusOr<ExitCode> RunMergeFile(Session& session, const MergeFileOptions& options) {
  ASSIGN_OR_RETURN(const std::vector<MergeRow> rows, ReadRows(options));
  MergeRun run(session, options, PlanMerges(rows));
  RETURN_IF_ERROR(run.Run());
  return run.Print(rows.size());
}

}  // namespace

void AddMergeFileCommand(CLI::App* root, Action* chosen) {
  AddCommand<MergeFileOptions>(
      root, chosen, "merge", "Merge agencies by a CSV list of old and new numbers",
      [](CLI::App* app, MergeFileOptions* options) {
        app->add_option("-f,--file", options->file, "The list; - reads standard input")->required();
        app->add_option("--from-column", options->from_column, "Column of the old number")
            ->capture_default_str();
        app->add_option("--to-column", options->to_column, "Column of the new number")
            ->capture_default_str();
        app->add_option("--scheme", options->scheme,
                        "The numbers' scheme; without it they are ids of agencies");
        app->add_flag("--fill-empty", options->fill_empty,
                      "Fill what a survivor has not from the merged records");
        app->add_flag("--dry-run", options->dry_run, "Check everything, write nothing");
      },
      RunMergeFile);
}

}  // namespace tandem::cli
