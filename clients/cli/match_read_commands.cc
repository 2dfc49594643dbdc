// SPDX-License-Identifier: Apache-2.0

#include "tandem/v1/match_service.pb.h"

#include "cli/match_commands.h"
#include "cli/record_printer.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct GetOptions {
  std::string name;
  int top = 20;
};

struct ListOptions {
  std::string filter;
  std::string order_by;
  bool all = false;
};

absl::StatusOr<ExitCode> RunGet(Session& session, const GetOptions& options) {
  ASSIGN_OR_RETURN(const v1::MatchRun run, GetMatchRun(session, options.name));
  RETURN_IF_ERROR(PrintMatchRun(session, run, options.top));
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunList(Session& session, const ListOptions& options) {
  static const auto* const kColumns = new std::vector<NounColumn>{
      {"NAME", "name"},
      {"ROUND 批次", "round"},
      {"PROFILE 匹配规则", "match_profile"},
      {"STATE 状态", "state"},
      {"PAIRS 结对", "counts.matches", true},
      {"UNMATCHED 未满足", "counts.unmatched_needs", true},
      {"DEGRADED 降级", "degraded"},
      {"START 开始", "start_time"},
  };
  v1::ListMatchRunsRequest request;
  request.set_filter(options.filter);
  request.set_order_by(options.order_by);
  if (options.all) request.set_page_size(1000);
  v1::ListMatchRunsResponse page;
  const auto* service = v1::ListMatchRunsRequest::descriptor()->file()->service(0);
  client::Pager pages(session.Public(), *service->FindMethodByName("ListMatchRuns"), request);
  ListPrinter list(session.output(), "matchRuns", *kColumns);
  do {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    for (const v1::MatchRun& run : page.match_runs()) RETURN_IF_ERROR(list.Add(run));
  } while (options.all);
  list.End(page.next_page_token(), page.revision());
  return ExitCode::kDone;
}

}  // namespace

void AddMatchReadCommands(CLI::App* match, Action* chosen) {
  AddCommand<GetOptions>(
      match, chosen, "get", "Show a run: its plan, or the record with -o json",
      [](CLI::App* app, GetOptions* options) {
        app->add_option("NAME", options->name, "matchRuns/{id}, or the id alone")->required();
        app->add_option("--top", options->top, "Pairings on the plan screen")
            ->check(CLI::NonNegativeNumber)
            ->capture_default_str();
      },
      RunGet);
  AddCommand<ListOptions>(
      match, chosen, "list", "List runs",
      [](CLI::App* app, ListOptions* options) {
        app->add_option("--filter", options->filter, "Which runs");
        app->add_option("--order-by", options->order_by, "Comma-separated fields");
        app->add_flag("--all", options->all, "All pages");
      },
      RunList);
}

}  // namespace tandem::cli
