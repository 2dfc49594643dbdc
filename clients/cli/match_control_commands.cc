// SPDX-License-Identifier: Apache-2.0

#include "tandem/v1/match_service.pb.h"

#include "cli/match_commands.h"
#include "cli/record_printer.h"
#include "cli/text_table.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct NameOption {
  std::string name;
};

absl::StatusOr<ExitCode> RunVerify(Session& session, const NameOption& options) {
  v1::VerifyMatchRunRequest request;
  request.set_name(MatchRunName(options.name));
  v1::VerifyReport report;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.MatchService.VerifyMatchRun", request, &report));
  const Output output = session.output();
  if (output.format != OutputFormat::kTable) {
    RETURN_IF_ERROR(PrintAnswer(output, report));
  } else {
    TextTable table({{"CHECK 核验"}, {"HOLDS 通过"}, {"FOUND 结果"}});
    for (const v1::VerifyCheck& check : report.checks()) {
      table.AddRow({check.check(), check.holds() ? "✓" : "✗", check.detail()});
    }
    table.Flush(output.out, output.colour);
    output.out << (report.verified() ? "verified 核验通过\n" : "NOT VERIFIED 核验未通过\n");
  }
  return report.verified() ? ExitCode::kDone : ExitCode::kFailed;
}

absl::StatusOr<ExitCode> RunCancel(Session& session, const NameOption& options) {
  v1::CancelMatchRunRequest request;
  request.set_name(MatchRunName(options.name));
  v1::MatchRun run;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.MatchService.CancelMatchRun", request, &run));
  RETURN_IF_ERROR(PrintMatchRun(session, run, 0));
  return ExitCode::kDone;
}

void AddName(CLI::App* app, NameOption* options) {
  app->add_option("NAME", options->name, "matchRuns/{id}, or the id alone")->required();
}

}  // namespace

void AddMatchControlCommands(CLI::App* match, Action* chosen) {
  AddCommand<NameOption>(match, chosen, "verify",
                         "Check a stored run again; exit code 1 when a check fails", AddName,
                         RunVerify);
  AddCommand<NameOption>(match, chosen, "cancel", "Ask a run to stop", AddName, RunCancel);
}

}  // namespace tandem::cli
