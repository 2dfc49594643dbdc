// SPDX-License-Identifier: Apache-2.0

#include "cli/hsds/hsds_command.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "cli/cell_text.h"
#include "cli/hsds/hsds_converter.h"
#include "cli/hsds/hsds_disk_tables.h"
#include "cli/hsds/hsds_reader.h"
#include "cli/interrupt.h"
#include "cli/json_writer.h"
#include "cli/noun.h"
#include "cli/region_names_loader.h"
#include "cpp/call_error.h"
#include "cpp/importer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct HsdsFlags {
  std::vector<std::string> paths;
  std::string mapping;
  std::string id_prefix;
  std::string on_conflict = "fail";
  std::string loss;
  int64_t show_errors = 100;
  bool no_contacts = false;
  bool dry_run = false;
};

v1::ImportConflictRule ConflictRule(const std::string& word) {
  if (word == "skip") return v1::IMPORT_CONFLICT_RULE_SKIP;
  if (word == "replace") return v1::IMPORT_CONFLICT_RULE_REPLACE;
  return v1::IMPORT_CONFLICT_RULE_FAIL;
}

// Sends one kind of records and tells what became of each.
class HsdsImport {
 public:
  HsdsImport(Session& session, const HsdsFlags& flags, HsdsTables* tables, LossReport* report)
      : session_(session), flags_(flags), tables_(*tables), report_(*report) {}

  // `make` makes the message of each row. `entity` is what the report calls them.
  absl::Status Send(
      const std::string& entity, const Noun& noun, const std::vector<int64_t>& places,
      const std::function<std::unique_ptr<google::protobuf::Message>(HsdsRow*)>& make) {
    v1::ImportOptions options;
    options.set_on_conflict(ConflictRule(flags_.on_conflict));
    options.set_validate_only(flags_.dry_run);
    client::ImportEvents events;
    events.refused = [&](const v1::ImportError& error) {
      const auto at = static_cast<size_t>(error.number()) - 1;
      const HsdsRow* row = at < places.size() ? tables_.At(places[at]) : nullptr;
      Tell(fmt::format("{} {}: {}: {}", entity, row != nullptr ? row->id() : "", error.reason(),
                       ErrorText(error)));
    };
    client::Importer importer(session_.Public(), *noun.Method("Import"), options, events);
    RETURN_IF_ERROR(importer.Start(/*resume=*/false));
    for (int64_t place : places) {
      HsdsRow* row = tables_.At(place);
      RETURN_IF_ERROR(tables_.status());
      const std::unique_ptr<google::protobuf::Message> made = make(row);
      RETURN_IF_ERROR(tables_.status());
      RETURN_IF_ERROR(importer.Add(*made));
      tables_.Release();
    }
    RETURN_IF_ERROR(importer.Finish());
    const v1::ImportCounts& counts = importer.counts();
    report_.Record(entity, "created", counts.created());
    report_.Record(entity, "updated", counts.updated());
    report_.Record(entity, "unchanged", counts.unchanged());
    report_.Record(entity, "skipped: is there already", counts.skipped());
    report_.Record(entity, "refused by the server", counts.failed());
    refused_ += counts.failed();
    return absl::OkStatus();
  }

  int64_t refused() const { return refused_; }

 private:
  static std::string ErrorText(const v1::ImportError& error) {
    std::string text;
    for (const auto& violation : error.violations()) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", violation.field(),
                          violation.description());
    }
    return text.empty() ? error.message() : text;
  }

  void Tell(const std::string& text) {
    if (!session_.quiet() && ++told_ <= flags_.show_errors) session_.err() << text << '\n';
  }

  Session& session_;
  const HsdsFlags& flags_;
  HsdsTables& tables_;
  LossReport& report_;
  int64_t refused_ = 0;
  int64_t told_ = 0;
};

absl::Status WriteLoss(const LossReport& report, const std::string& path) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << report.ToJson().dump(2) << '\n';
  file.close();
  if (file) return absl::OkStatus();
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, "FILE_UNWRITABLE",
                                 fmt::format("{}: {}", path, std::strerror(errno)));
}

absl::StatusOr<ExitCode> RunHsdsImport(Session& session, const HsdsFlags& flags) {
  HsdsColumnMapping mapping;
  if (!flags.mapping.empty()) {
    ASSIGN_OR_RETURN(mapping, ReadHsdsColumnMapping(flags.mapping));
  }
  HsdsDiskTables tables;
  LossReport report;
  HsdsReader reader(std::move(mapping), &tables, &report);
  for (const std::string& path : flags.paths) RETURN_IF_ERROR(reader.Read(path));
  ASSIGN_OR_RETURN(std::shared_ptr<const RegionNames> regions, LoadRegionNames(session));
  HsdsConverter converter(flags.id_prefix, std::move(regions), &tables, &report);
  HsdsImport import(session, flags, &tables, &report);
  RETURN_IF_ERROR(import.Send(
      "taxonomy_term", FindNoun("category"), converter.Terms(), [&converter](HsdsRow* row) {
        return std::make_unique<v1::ServiceCategory>(converter.Category(row));
      }));
  // A check of everything writes no categories that agencies could refer to.
  RETURN_IF_ERROR(
      import.Send("organization", FindNoun("agency"), converter.Organizations(), [&](HsdsRow* row) {
        auto agency = std::make_unique<v1::Agency>(converter.Agency(row));
        if (flags.dry_run) agency->clear_categories();
        return agency;
      }));
  // Contacts lie below agencies that a check of everything does not write.
  if (!flags.no_contacts && !flags.dry_run) {
    RETURN_IF_ERROR(import.Send("contact", FindNoun("contact"), converter.Contacts(),
                                [&converter](HsdsRow* row) {
                                  return std::make_unique<v1::Contact>(converter.Contact(row));
                                }));
  }
  converter.Finish();
  RETURN_IF_ERROR(tables.status());
  const Output output = session.output();
  if (output.format == OutputFormat::kJson) {
    output.out << JsonText(report.ToJson()) << '\n';
  } else if (output.format == OutputFormat::kYaml) {
    output.out << YamlText(report.ToJson());
  } else {
    report.Print(output.out);
  }
  if (!flags.loss.empty()) RETURN_IF_ERROR(WriteLoss(report, flags.loss));
  return import.refused() > 0 ? ExitCode::kPartialImport : ExitCode::kDone;
}

}  // namespace

void AddHsdsCommands(CLI::App* root, Action* chosen) {
  CLI::App* hsds =
      root->add_subcommand("hsds", "Directories in the Human Services Data Specification");
  hsds->require_subcommand(1);
  AddCommand<HsdsFlags>(
      hsds, chosen, "import", "Import organizations as agencies, terms as categories",
      [](CLI::App* app, HsdsFlags* flags) {
        app->add_option("PATH", flags->paths,
                        "Files or folders: JSON, NDJSON, CSV tables or a tabular data package")
            ->required();
        app->add_option("--mapping", flags->mapping,
                        "Which column of a CSV file is which HSDS field (hsds-transformer's form)");
        app->add_option("--id-prefix", flags->id_prefix,
                        "Begins every id, for sources that count from 1");
        app->add_option("--on-conflict", flags->on_conflict,
                        "A name that exists: fail, skip or replace")
            ->check(CLI::IsMember({"fail", "skip", "replace"}));
        app->add_option("--loss", flags->loss,
                        "Write the report of what was not carried there, as JSON");
        app->add_option("--show-errors", flags->show_errors, "Most refusals printed")
            ->check(CLI::NonNegativeNumber);
        app->add_flag("--no-contacts", flags->no_contacts, "Leave contacts, who are people, out");
        app->add_flag("--dry-run", flags->dry_run, "Check everything, write nothing");
      },
      [](Session& session, const HsdsFlags& flags) { return RunHsdsImport(session, flags); });
}

}  // namespace tandem::cli
