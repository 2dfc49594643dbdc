// SPDX-License-Identifier: Apache-2.0

#include "fmt/format.h"
#include "tandem/v1/match_service.pb.h"

#include "cli/cell_text.h"
#include "cli/display_width.h"
#include "cli/match_commands.h"
#include "cli/number_text.h"
#include "cli/record_printer.h"
#include "cli/text_table.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ExplainOptions {
  std::string name;
};

struct WhyNotOptions {
  std::string run;
  std::string need;
  std::string offer;
};

std::string Text(const v1::ReasonCount& reason) {
  return fmt::format("{} {} ({})", reason.text_en(), reason.text_zh(), reason.reason());
}

// What became of one need or offer.
void PrintOutcome(const v1::MatchOutcome& outcome, std::ostream& out) {
  if (outcome.subject().empty()) return;
  out << fmt::format("{}: {} of {} slots 名额, {} 候选\n", OneLine(outcome.subject()),
                     outcome.matched_slots(), outcome.slots(),
                     Counted(outcome.candidates(), "candidate", "candidates"));
  if (outcome.has_main_reason()) {
    out << "  main reason 主要原因: " << OneLine(Text(outcome.main_reason())) << '\n';
  }
  for (const v1::ReasonCount& dropped : outcome.dropped()) {
    out << fmt::format("  {:>8} dropped 排除: {}\n", GroupedNumber(dropped.count()),
                       OneLine(Text(dropped)));
  }
  if (!outcome.best_lost().empty()) {
    out << fmt::format(
        "  best one missed 错过的最佳: {}, score {}, went to 去向 {}\n",
        OneLine(outcome.best_lost()), outcome.best_lost_score() / 1000,
        outcome.best_lost_to().empty() ? "nobody 无" : OneLine(outcome.best_lost_to()));
  }
}

absl::StatusOr<ExitCode> RunExplain(Session& session, const ExplainOptions& options) {
  v1::ExplainMatchRequest request;
  request.set_name(options.name);
  v1::ExplainMatchResponse answer;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.MatchService.ExplainMatch", request, &answer));
  const Output output = session.output();
  if (output.format != OutputFormat::kTable) {
    RETURN_IF_ERROR(PrintAnswer(output, answer));
    return ExitCode::kDone;
  }
  const v1::Match& match = answer.match();
  output.out << fmt::format("{}\n{} ({}) → {}, {}: {} slots 名额, score 分 {}{}\n",
                            OneLine(match.name()), OneLine(match.agency()), OneLine(match.offer()),
                            OneLine(match.receiving_region()), OneLine(match.need()), match.slots(),
                            match.score() / 1000, match.fixed() ? ", kept 保留" : "");
  TextTable parts({{"SCORER 评分"}, {"SCORE 分", true}, {"WEIGHT 权重", true}}, 2, 2);
  for (const v1::ScorePart& part : match.parts()) {
    parts.AddRow({LastPart(part.plugin()), std::to_string(part.score() / 1000),
                  std::to_string(part.weight())});
  }
  if (match.parts_size() > 0) parts.Flush(output.out, output.colour);
  for (const v1::MatchFact& fact : match.facts()) {
    output.out << "  · " << OneLine(fact.text_en() + " " + fact.text_zh()) << '\n';
  }
  PrintOutcome(answer.need_outcome(), output.out);
  PrintOutcome(answer.offer_outcome(), output.out);
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunWhyNot(Session& session, const WhyNotOptions& options) {
  if (options.need.empty() && options.offer.empty()) {
    return UsageError("ask about a --need, an --offer or both");
  }
  auto full = [](const std::string& collection, const std::string& written) {
    const bool as_is = written.empty() || written.find('/') != std::string::npos;
    return as_is ? written : collection + "/" + written;
  };
  v1::WhyNotMatchRequest request;
  request.set_name(MatchRunName(options.run));
  request.set_need(full("needs", options.need));
  request.set_offer(full("offers", options.offer));
  v1::WhyNotMatchResponse answer;
  RETURN_IF_ERROR(session.Public().Call("tandem.v1.MatchService.WhyNotMatch", request, &answer));
  const Output output = session.output();
  if (output.format != OutputFormat::kTable) {
    RETURN_IF_ERROR(PrintAnswer(output, answer));
    return ExitCode::kDone;
  }
  output.out << OneLine(answer.text_en()) << '\n' << OneLine(answer.text_zh()) << '\n';
  for (const v1::ReasonCount& reason : answer.reasons()) {
    output.out << "  breaks 不符: " << OneLine(Text(reason)) << '\n';
  }
  if (answer.candidate()) {
    output.out << fmt::format("  was a candidate 曾为候选, score 分 {}{}\n", answer.score() / 1000,
                              answer.matched() ? ", is in the plan 已在方案中" : "");
  }
  PrintOutcome(answer.need_outcome(), output.out);
  PrintOutcome(answer.offer_outcome(), output.out);
  return ExitCode::kDone;
}

}  // namespace

void AddMatchReasonCommands(CLI::App* match, Action* chosen) {
  AddCommand<ExplainOptions>(
      match, chosen, "explain", "Explain one pair of a run: parts, weights, facts",
      [](CLI::App* app, ExplainOptions* options) {
        app->add_option("NAME", options->name, "matchRuns/{run}/matches/{id}")->required();
      },
      RunExplain);
  AddCommand<WhyNotOptions>(
      match, chosen, "why-not",
      "Explain why a need and an offer were not paired, or one got nothing",
      [](CLI::App* app, WhyNotOptions* options) {
        app->add_option("RUN", options->run, "matchRuns/{id}, or the id alone")->required();
        app->add_option("--need", options->need, "needs/{id}, or the id alone");
        app->add_option("--offer", options->offer, "offers/{id}, or the id alone");
      },
      RunWhyNot);
}

}  // namespace tandem::cli
