// SPDX-License-Identifier: Apache-2.0

#include "cli/region_index_command.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"
#include "tandem/v1/region_service.pb.h"

#include "cli/number_text.h"
#include "cli/record_file.h"
#include "cli/record_printer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct IndexOptions {
  std::string file;
  std::string rule_id;
  std::string kind = "economic";
  std::string level = "province";
  int year = 0;
  std::vector<std::string> terms;
  bool dry_run = false;
};

// Reads "indicator_id", "indicator_id:3" or "indicator_id:3:lower".
absl::StatusOr<v1::IndexTerm> ParseTerm(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  v1::IndexTerm term;
  term.set_indicator_id(parts[0]);
  int32_t weight = 1;
  const bool sound = !parts[0].empty() && parts.size() <= 3 &&
                     (parts.size() < 2 || (absl::SimpleAtoi(parts[1], &weight) && weight > 0)) &&
                     (parts.size() < 3 || parts[2] == "lower");
  if (!sound) {
    return UsageError(
        fmt::format("--term {}: write INDICATOR, INDICATOR:WEIGHT or "
                    "INDICATOR:WEIGHT:lower (a lower figure is stronger)",
                    text));
  }
  term.set_weight(weight);
  term.set_lower_is_stronger(parts.size() == 3);
  return term;
}

absl::StatusOr<v1::IndexRule> ReadRule(const IndexOptions& options) {
  v1::IndexRule rule;
  if (!options.file.empty()) {
    if (!options.rule_id.empty() || !options.terms.empty() || options.year != 0) {
      return UsageError("give --rule or the flags of a rule, not both");
    }
    ASSIGN_OR_RETURN(Records records, ReadRecordFile(options.file, rule));
    if (records.size() != 1) return UsageError("the file must hold one rule");
    rule.CopyFrom(*records.front());
    return rule;
  }
  if (options.rule_id.empty() || options.terms.empty() || options.year == 0) {
    return UsageError("give --rule FILE, or --rule-id, --year and at least one --term");
  }
  rule.set_rule_id(options.rule_id);
  rule.set_year(options.year);
  rule.set_kind(options.kind == "sector" ? v1::INDEX_KIND_SECTOR : v1::INDEX_KIND_ECONOMIC);
  v1::RegionLevel level = v1::REGION_LEVEL_UNSPECIFIED;
  std::string upper = options.level;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  v1::RegionLevel_Parse("REGION_LEVEL_" + upper, &level);
  rule.set_level(level);
  for (const std::string& text : options.terms) {
    ASSIGN_OR_RETURN(*rule.add_terms(), ParseTerm(text));
  }
  return rule;
}

absl::StatusOr<ExitCode> RunIndex(Session& session, const IndexOptions& options) {
  v1::IndexRegionsRequest request;
  ASSIGN_OR_RETURN(*request.mutable_rule(), ReadRule(options));
  request.set_validate_only(options.dry_run);
  v1::IndexRegionsResponse answer;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.RegionService.IndexRegions", request, &answer));
  const Output output = session.output();
  if (output.format != OutputFormat::kTable) {
    RETURN_IF_ERROR(PrintAnswer(output, answer));
    return ExitCode::kDone;
  }
  output.out << fmt::format(
      "{}: {} with own figures, {} inherit, {} without; {} {}, revision {}\n",
      request.rule().rule_id(), GroupedNumber(answer.own_count()),
      GroupedNumber(answer.inherited_count()), GroupedNumber(answer.missing_count()),
      Counted(answer.changed_count(), "record", "records"),
      options.dry_run ? "would change" : "changed", GroupedNumber(answer.revision()));
  return ExitCode::kDone;
}

}  // namespace

void AddRegionIndexCommand(CLI::App* region, Action* chosen) {
  AddCommand<IndexOptions>(
      region, chosen, "index", "Write the economic or sector index of all regions by one rule",
      [](CLI::App* app, IndexOptions* options) {
        app->add_option("--rule", options->file, "File with the rule, YAML or JSON");
        app->add_option("--rule-id", options->rule_id, "Id kept with every value");
        app->add_option("--kind", options->kind, "economic or sector")
            ->check(CLI::IsMember({"economic", "sector"}))
            ->capture_default_str();
        app->add_option("--level", options->level, "Level that is ranked")
            ->check(CLI::IsMember({"province", "prefecture", "county", "township"}))
            ->capture_default_str();
        app->add_option("--year", options->year, "Year of the figures")->check(CLI::Range(1, 9999));
        app->add_option("--term", options->terms, "INDICATOR[:WEIGHT[:lower]], may be repeated");
        app->add_flag("--dry-run", options->dry_run, "Count what would change, write nothing");
      },
      RunIndex);
}

}  // namespace tandem::cli
