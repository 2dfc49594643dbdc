// SPDX-License-Identifier: Apache-2.0

#include "tandem/v1/match_service.pb.h"

#include "cli/match_commands.h"
#include "cli/record_printer.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ResultOptions {
  std::string run;
  std::string page_token;
  int page_size = 0;
  bool all = false;
  // outcomes only
  std::string side = "needs";
  bool unmatched_only = false;
};

const google::protobuf::MethodDescriptor& Method(const std::string& name) {
  return *v1::ListMatchesRequest::descriptor()->file()->service(0)->FindMethodByName(name);
}

// Prints the first page of a list, or all of them.
template <typename Page, typename Request>
absl::StatusOr<ExitCode> PrintPages(Session& session, Request request, const std::string& method,
                                    const std::string& collection,
                                    const std::vector<NounColumn>& columns,
                                    const ResultOptions& options) {
  request.set_parent(MatchRunName(options.run));
  request.set_page_token(options.page_token);
  request.set_page_size(options.all && options.page_size == 0 ? 1000 : options.page_size);
  Page page;
  client::Pager pages(session.Public(), Method(method), request);
  ListPrinter list(session.output(), collection, columns);
  do {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    RETURN_IF_ERROR(list.AddPage(page, Page::descriptor()->field(0)));
  } while (options.all);
  list.End(page.next_page_token(), page.revision());
  if (!page.next_page_token().empty() && !session.quiet() &&
      session.output().format == OutputFormat::kTable) {
    session.err() << "more follow: --all, or --page-token " << page.next_page_token() << '\n';
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunMatches(Session& session, const ResultOptions& options) {
  return PrintPages<v1::ListMatchesResponse>(session, v1::ListMatchesRequest(), "ListMatches",
                                             "matches",
                                             {{"NAME", "name"},
                                              {"AGENCY 援派机构", "agency"},
                                              {"OFFER 意向", "offer"},
                                              {"NEED 需求", "need"},
                                              {"REGION 受援地区", "receiving_region"},
                                              {"SLOTS 名额", "slots", true},
                                              {"SCORE 分", "score", true},
                                              {"KEPT 保留", "fixed"},
                                              {"WHY 理由", "facts.text_en"}},
                                             options);
}

absl::StatusOr<ExitCode> RunOutcomes(Session& session, const ResultOptions& options) {
  v1::ListMatchOutcomesRequest request;
  request.set_side(options.side == "offers" ? v1::MATCH_SIDE_OFFERS : v1::MATCH_SIDE_NEEDS);
  request.set_unmatched_only(options.unmatched_only);
  return PrintPages<v1::ListMatchOutcomesResponse>(session, request, "ListMatchOutcomes",
                                                   "outcomes",
                                                   {{"SUBJECT 对象", "subject"},
                                                    {"SLOTS 名额", "slots", true},
                                                    {"MATCHED 已配", "matched_slots", true},
                                                    {"CANDIDATES 候选", "candidates", true},
                                                    {"REASON 原因", "main_reason.text_en"},
                                                    {"原因", "main_reason.text_zh"},
                                                    {"BEST LOST 错过", "best_lost"},
                                                    {"WENT TO 去向", "best_lost_to"}},
                                                   options);
}

void AddPageFlags(CLI::App* app, ResultOptions* options) {
  app->add_option("RUN", options->run, "matchRuns/{id}, or the id alone")->required();
  app->add_option("--page-size", options->page_size, "Rows a page")->check(CLI::Range(1, 1000));
  app->add_option("--page-token", options->page_token, "Where the last list ended");
  app->add_flag("--all", options->all, "All pages");
}

}  // namespace

void AddMatchResultCommands(CLI::App* match, Action* chosen) {
  AddCommand<ResultOptions>(match, chosen, "matches", "List the pairs of a run, best first",
                            AddPageFlags, RunMatches);
  AddCommand<ResultOptions>(
      match, chosen, "outcomes", "List what became of every need or offer of a run",
      [](CLI::App* app, ResultOptions* options) {
        AddPageFlags(app, options);
        app->add_option("--side", options->side, "needs or offers")
            ->check(CLI::IsMember({"needs", "offers"}))
            ->capture_default_str();
        app->add_flag("--unmatched-only", options->unmatched_only,
                      "Only those that got or gave fewer slots than they could");
      },
      RunOutcomes);
}

}  // namespace tandem::cli
