// SPDX-License-Identifier: Apache-2.0

#include "cli/match_commands.h"

#include "tandem/v1/match_service.pb.h"

#include "cli/plan_fetch.h"
#include "cli/record_printer.h"
#include "cpp/status_macros.h"

namespace tandem::cli {

void AddMatchCommands(CLI::App* root, Action* chosen) {
  CLI::App* match = root->add_subcommand("match", "匹配运算 runs of the matching engine");
  match->require_subcommand(1);
  AddMatchRunCommand(match, chosen);
  AddMatchReadCommands(match, chosen);
  AddMatchResultCommands(match, chosen);
  AddMatchReasonCommands(match, chosen);
  AddMatchControlCommands(match, chosen);
}

std::string MatchRunName(const std::string& written) {
  return written.find('/') == std::string::npos ? "matchRuns/" + written : written;
}

absl::StatusOr<v1::MatchRun> GetMatchRun(Session& session, const std::string& name) {
  v1::GetMatchRunRequest request;
  request.set_name(MatchRunName(name));
  v1::MatchRun run;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.MatchService.GetMatchRun", request, &run));
  return run;
}

absl::Status PrintMatchRun(Session& session, const v1::MatchRun& run, int top) {
  const Output output = session.output();
  if (output.format != OutputFormat::kTable) return PrintAnswer(output, run);
  ASSIGN_OR_RETURN(const PlanScreen screen, FetchPlan(session.Public(), run, top));
  PrintPlanScreen(screen, output.colour, output.out);
  return absl::OkStatus();
}

}  // namespace tandem::cli
