// SPDX-License-Identifier: Apache-2.0

#include "cli/conflict_commands.h"

#include <string>

#include "tandem/v1/field_conflict_service.pb.h"

#include "cli/noun.h"
#include "cli/record_printer.h"
#include "cpp/request_id.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ResolveFlags {
  std::string name;
  std::string keep;
  std::string until;
  bool dry_run = false;
};

const Noun& ConflictNoun() {
  for (const Noun& noun : AllNouns()) {
    if (noun.word == "conflict") return noun;
  }
  return AllNouns().front();
}

absl::StatusOr<ExitCode> RunResolve(Session& session, const ResolveFlags& flags) {
  v1::ResolveFieldConflictRequest request;
  request.set_name(ConflictNoun().FullName(flags.name));
  const bool whole = flags.keep.find('/') != std::string::npos || flags.keep == "manual" ||
                     flags.keep == "unattributed";
  request.set_source(whole ? flags.keep : "sources/" + flags.keep);
  request.set_expiry_date(flags.until);
  request.set_validate_only(flags.dry_run);
  if (!flags.dry_run) request.set_request_id(client::NewRequestId());
  v1::FieldConflict conflict;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.FieldConflictService.ResolveFieldConflict",
                                        request, &conflict));
  RETURN_IF_ERROR(PrintRecord(session.output(), ConflictNoun(), conflict));
  return ExitCode::kDone;
}

}  // namespace

void AddConflictCommands(CLI::App* conflict, Action* chosen) {
  AddCommand<ResolveFlags>(
      conflict, chosen, "resolve", "Decide whose value an agency holds",
      [](CLI::App* app, ResolveFlags* flags) {
        app->add_option("NAME", flags->name, "fieldConflicts/{id}, or the id alone")->required();
        app->add_option("--keep", flags->keep,
                        "The source whose value holds: its id, or manual or unattributed")
            ->required();
        app->add_option("--until", flags->until,
                        "Last day of the decision, YYYY-MM-DD; then the order of strength counts "
                        "again");
        app->add_flag("--dry-run", flags->dry_run, "Check everything, write nothing");
      },
      RunResolve);
}

}  // namespace tandem::cli
