// SPDX-License-Identifier: Apache-2.0

#include "cli/identity_commands.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "fmt/format.h"
#include "tandem/v1/agency_identity.pb.h"

#include "cli/noun.h"
#include "cli/number_text.h"
#include "cli/record_file.h"
#include "cli/record_printer.h"
#include "cli/text_table.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

constexpr int kMostCandidates = 100;

const Noun& AgencyNoun() {
  for (const Noun& noun : AllNouns()) {
    if (noun.word == "agency") return noun;
  }
  return AllNouns().front();
}

bool IsDocument(const Output& output) {
  return output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml;
}

struct LookupOptions {
  std::string scheme;
  std::string value;
};

absl::StatusOr<ExitCode> RunLookup(Session& session, const LookupOptions& options) {
  v1::LookupAgencyRequest request;
  request.set_scheme(options.scheme);
  request.set_value(options.value);
  v1::LookupAgencyResponse answer;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.AgencyService.LookupAgency", request, &answer));
  if (!answer.has_agency() && answer.candidates().empty()) {
    return client::MakeClientError(
        absl::StatusCode::kNotFound, "IDENTIFIER_NOT_FOUND",
        fmt::format("no agency has the number {} {}", options.scheme, options.value));
  }
  const Output output = session.output();
  if (IsDocument(output)) {
    RETURN_IF_ERROR(PrintAnswer(output, answer));
    return ExitCode::kDone;
  }
  ListPrinter list(output, AgencyNoun().Collection(), AgencyNoun().columns);
  if (answer.has_agency()) RETURN_IF_ERROR(list.Add(answer.agency()));
  for (const v1::Agency& agency : answer.candidates()) RETURN_IF_ERROR(list.Add(agency));
  list.End("", answer.revision());
  if (!answer.has_agency() && !session.quiet()) {
    session.err() << "nobody holds this number verified; these state it\n";
  }
  return ExitCode::kDone;
}

struct DuplicatesOptions {
  std::string name;
  std::string file;
  bool all = false;
  std::string filter;
  int min_weight = 0;
  int limit = 0;
};

// The word of a reason: "SAME_NAME 500".
std::string ReasonsText(const v1::DuplicateCandidate& candidate) {
  const size_t prefix = std::string("DUPLICATE_REASON_KIND_").size();
  std::vector<std::string> words;
  for (const v1::DuplicateReason& reason : candidate.reasons()) {
    const std::string& kind = v1::DuplicateReasonKind_Name(reason.kind());
    words.push_back(fmt::format("{} {}", kind.size() > prefix ? kind.substr(prefix) : kind,
                                reason.weight_permille()));
  }
  return absl::StrJoin(words, ", ");
}

absl::StatusOr<ExitCode> FindDuplicatesOfOne(Session& session, const DuplicatesOptions& options) {
  v1::FindDuplicatesRequest request;
  if (options.file.empty()) {
    request.set_name(AgencyNoun().FullName(options.name));
  } else {
    ASSIGN_OR_RETURN(Records records, ReadRecordFile(options.file, v1::Agency()));
    if (records.size() != 1) return UsageError("the file must hold one agency");
    request.mutable_agency()->CopyFrom(*records.front());
  }
  request.set_page_size(options.limit);
  request.set_min_weight_permille(options.min_weight);
  v1::FindDuplicatesResponse answer;
  RETURN_IF_ERROR(
      session.Public().Call("tandem.v1.AgencyService.FindDuplicates", request, &answer));
  const Output output = session.output();
  if (IsDocument(output)) {
    RETURN_IF_ERROR(PrintAnswer(output, answer));
    return ExitCode::kDone;
  }
  TextTable table({{"WEIGHT", true}, {"NAME"}, {"DISPLAY NAME 名称"}, {"REASONS"}});
  for (const v1::DuplicateCandidate& candidate : answer.candidates()) {
    if (output.format == OutputFormat::kName) {
      output.out << candidate.agency() << "\n";
    } else {
      table.AddRow({std::to_string(candidate.weight_permille()), candidate.agency(),
                    candidate.display_name(), ReasonsText(candidate)});
    }
  }
  if (output.format == OutputFormat::kTable && !answer.candidates().empty()) {
    table.Flush(output.out, output.colour);
  }
  if (answer.candidates().empty() && !session.quiet()) session.err() << "no duplicates found\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> ListAllDuplicates(Session& session, const DuplicatesOptions& options) {
  v1::ListDuplicatesRequest request;
  request.set_filter(options.filter);
  request.set_min_weight_permille(options.min_weight);
  const auto* method = AgencyNoun().service->FindMethodByName("ListDuplicates");
  client::Pager pages(session.Public(), *method, request);
  const Output output = session.output();
  TextTable table({{"WEIGHT", true}, {"NAME"}, {"OTHER"}, {"DISPLAY NAME 名称"}, {"REASONS"}});
  int64_t pairs = 0;
  v1::ListDuplicatesResponse page;
  for (;;) {
    ASSIGN_OR_RETURN(const bool more, pages.Next(&page));
    if (!more) break;
    pairs += page.pairs_size();
    for (const v1::DuplicatePair& pair : page.pairs()) {
      if (IsDocument(output)) {
        RETURN_IF_ERROR(PrintAnswer(output, pair));
      } else if (output.format == OutputFormat::kName) {
        output.out << pair.agency() << " " << pair.candidate().agency() << "\n";
      } else {
        table.AddRow({std::to_string(pair.candidate().weight_permille()), pair.agency(),
                      pair.candidate().agency(), pair.candidate().display_name(),
                      ReasonsText(pair.candidate())});
      }
    }
    if (output.format == OutputFormat::kTable && page.pairs_size() > 0) {
      table.Flush(output.out, output.colour);
    }
  }
  if (!session.quiet()) session.err() << Counted(pairs, "pair", "pairs") << "\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunDuplicates(Session& session, const DuplicatesOptions& options) {
  const int subjects =
      (options.name.empty() ? 0 : 1) + (options.file.empty() ? 0 : 1) + (options.all ? 1 : 0);
  if (subjects != 1) return UsageError("give a name, -f FILE or --all");
  if (!options.filter.empty() && !options.all) return UsageError("--filter goes with --all");
  if (options.limit != 0 && options.all) return UsageError("--limit goes with one agency");
  return options.all ? ListAllDuplicates(session, options) : FindDuplicatesOfOne(session, options);
}

struct MergeOptions {
  std::string survivor;
  std::vector<std::string> merged;
  std::vector<std::string> fields;
  bool fill_empty = false;
  std::string etag;
  bool dry_run = false;
};

absl::StatusOr<ExitCode> RunMerge(Session& session, const MergeOptions& options) {
  const Noun& noun = AgencyNoun();
  v1::MergeAgenciesRequest request;
  request.set_survivor(noun.FullName(options.survivor));
  for (const std::string& name : options.merged) request.add_merged(noun.FullName(name));
  for (const std::string& text : options.fields) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size()) {
      return UsageError(fmt::format("--take {}: write FIELD=AGENCY", text));
    }
    v1::MergeField* field = request.add_fields();
    field->set_field_path(text.substr(0, equals));
    field->set_agency(noun.FullName(text.substr(equals + 1)));
  }
  request.set_fill_empty(options.fill_empty);
  request.set_etag(options.etag);
  request.set_validate_only(options.dry_run);
  v1::Agency survivor;
  RETURN_IF_ERROR(
      session.Public().Call("tandem.v1.AgencyService.MergeAgencies", request, &survivor));
  RETURN_IF_ERROR(PrintRecord(session.output(), noun, survivor));
  if (options.dry_run && !session.quiet()) session.err() << "nothing was written\n";
  return ExitCode::kDone;
}

}  // namespace

void AddIdentityCommands(CLI::App* agency, Action* chosen) {
  AddCommand<LookupOptions>(
      agency, chosen, "lookup", "Find the agency that has a registration number",
      [](CLI::App* app, LookupOptions* options) {
        app->add_option("SCHEME", options->scheme, "The scheme, for example uscc")->required();
        app->add_option("VALUE", options->value, "The number")->required();
      },
      RunLookup);
  AddCommand<DuplicatesOptions>(
      agency, chosen, "duplicates", "Find records that may be the same body, with the reasons",
      [](CLI::App* app, DuplicatesOptions* options) {
        app->add_option("NAME", options->name, "agencies/{id}, or the id alone");
        app->add_option("-f,--file", options->file, "A record that is not stored yet");
        app->add_flag("--all", options->all, "All pairs in the directory");
        app->add_option("--filter", options->filter, "With --all: which agencies to go through");
        app->add_option("--min-weight", options->min_weight,
                        "Least weight per mille (server default: 500)")
            ->check(CLI::Range(1, 1000));
        app->add_option("--limit", options->limit, "Most candidates (server default: 20)")
            ->check(CLI::Range(1, kMostCandidates));
      },
      RunDuplicates);
  AddCommand<MergeOptions>(
      agency, chosen, "merge", "Make several records one; their names lead to it for ever",
      [](CLI::App* app, MergeOptions* options) {
        app->add_option("SURVIVOR", options->survivor, "The record that stays")->required();
        app->add_option("MERGED", options->merged, "The records that are merged into it")
            ->required();
        app->add_option("--take", options->fields,
                        "FIELD=AGENCY: take this field from a merged record; repeatable")
            ->allow_extra_args(false);
        app->add_flag("--fill-empty", options->fill_empty,
                      "Fill what the survivor has not from the merged records");
        app->add_option("--etag", options->etag, "Only when the survivor still has this etag");
        app->add_flag("--dry-run", options->dry_run, "Check everything, write nothing");
      },
      RunMerge);
}

}  // namespace tandem::cli
