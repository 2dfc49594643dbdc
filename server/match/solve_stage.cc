// SPDX-License-Identifier: Apache-2.0

#include "match/solve_stage.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "absl/time/clock.h"
#include "match/figures.h"
#include "match/greedy.h"
#include "match/plugin_stages.h"
#include "match/reachable.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

// The solver the comparison asks for when the profile names none.
constexpr std::string_view kBestTotalSolver = "min-cost-flow";

bool HasMinima(const AssignProblem& problem) {
  return std::any_of(problem.groups.begin(), problem.groups.end(),
                     [](const plugin::Group& group) { return group.min_units > 0; });
}

// Asks once. Infeasible is an answer, not an error; a feasible answer has passed the verifier.
absl::StatusOr<plugin::AssignResult> AskSolver(const RunState& run, const AssignProblem& problem,
                                               StagePlugin* solver, std::string_view config_json) {
  ASSIGN_OR_RETURN(plugin::Problem tables, run.ProblemFor(*solver));
  tables.need_units = problem.need_units;
  tables.offer_units = problem.offer_units;
  plugin::AssignTerms terms;
  terms.score = problem.score;
  terms.groups = problem.groups;
  terms.fixed = problem.fixed;
  ASSIGN_OR_RETURN(plugin::AssignResult result,
                   solver->Assign(tables, terms, config_json, run.CallOptionsFor(*solver)));
  if (!result.feasible) return result;
  const v1::VerifyReport checked =
      VerifyPlan(problem, {result.assignment, result.objective, result.potentials});
  for (const v1::VerifyCheck& check : checked.checks()) {
    if (check.holds()) continue;
    return model::MakeError(model::Reason::kPluginBadOutput,
                            StrCat("plugins/", solver->manifest().id, ": ", check.check(),
                                   " do not hold: ", check.detail()),
                            {{"plugin", solver->manifest().id}, {"check", check.check()}});
  }
  return result;
}

// What minima can be met; RUN_INFEASIBLE when a corridor's can't.
absl::StatusOr<Reach> Reachable(const RunState& run) {
  const AssignProblem& problem = run.problem;
  Reach none;
  if (!HasMinima(problem)) return none;
  std::optional<Reach> reach = FindReach(problem, run.in.cancelled);
  if (!reach) return model::MakeError(model::Reason::kCancelled, "the run was cancelled");
  if (reach->short_group) {
    const GroupLabel& label = problem.labels[*reach->short_group];
    return model::MakeError(
        model::Reason::kRunInfeasible,
        StrCat("corridor ", label.id, " must have ", label.asked_min, " slots and is ",
               reach->units_short, " short: its candidates and their room allow no more"),
        {{"corridor", label.id}, {"slotsShort", std::to_string(reach->units_short)}});
  }
  return *std::move(reach);
}

void LowerMinima(const Reach& reach, AssignProblem* problem) {
  for (size_t g = 0; g < reach.min_units.size(); ++g) {
    problem->groups[g].min_units = reach.min_units[g];
  }
}

void Accept(plugin::AssignResult result, ClaimedPlan* plan) {
  plan->assignment = std::move(result.assignment);
  plan->objective = result.objective;
  plan->potentials = std::move(result.potentials);
}

absl::Status AskProfileSolver(RunState* run, v1::StepReport* report) {
  const v1::SolveStep& step = run->profile().solver();
  ASSIGN_OR_RETURN(std::shared_ptr<StagePlugin> solver,
                   run->in.plugins->Find(PluginIdOf(step.plugin())));
  *report = MakeStepReport("assign", step.plugin(), solver.get(), 0);
  // The server decides for itself what is infeasible, and asks for what is not. A maximal flow
  // costs a fraction of what a solver takes to find out.
  ASSIGN_OR_RETURN(Reach reach, Reachable(*run));
  LowerMinima(reach, &run->problem);
  ASSIGN_OR_RETURN(plugin::AssignResult result,
                   AskSolver(*run, run->problem, solver.get(), step.config_json()));
  if (!result.feasible) {
    return model::MakeError(model::Reason::kPluginBadOutput,
                            StrCat(step.plugin(), " calls a problem infeasible that is not"),
                            {{"plugin", PluginIdOf(step.plugin())}});
  }
  Accept(std::move(result), &run->plan);
  return absl::OkStatus();
}

absl::Status SolveByOwn(RunState* run) {
  ASSIGN_OR_RETURN(Reach reach, Reachable(*run));
  LowerMinima(reach, &run->problem);
  run->plan = {};
  run->plan.assignment = SolveGreedy(run->problem, reach.assignment);
  run->plan.objective = TotalScore(run->problem, run->plan.assignment);
  return absl::OkStatus();
}

// The plan with the best total when corridors and reserves ask for nothing. Exact when a solver
// proves it.
struct BestTotal {
  std::vector<plugin::AssignedPair> assignment;
  bool proven = false;
};

std::optional<BestTotal> AskForBestTotal(const RunState& run, const AssignProblem& relaxed) {
  const v1::SolveStep& step = run.profile().solver();
  const std::string_view id = step.plugin().empty() ? kBestTotalSolver : PluginIdOf(step.plugin());
  auto solver = run.in.plugins->Find(id);
  if (!solver.ok()) return std::nullopt;
  auto result = AskSolver(run, relaxed, solver->get(),
                          step.plugin().empty() ? std::string_view() : step.config_json());
  if (!result.ok() || !result->feasible) return std::nullopt;
  return BestTotal{std::move(result->assignment), result->potentials.has_value()};
}

// The plan itself is best when its proof needs no minimum: no group is paid to be filled.
bool ProvesBestTotal(const ClaimedPlan& plan) {
  return plan.potentials &&
         std::none_of(plan.potentials->group.begin(), plan.potentials->group.end(),
                      [](int64_t potential) { return potential < 0; });
}

}  // namespace

absl::Status RunSolver(RunState* run) {
  RETURN_IF_ERROR(run->CheckTime());
  const v1::SolveStep& step = run->profile().solver();
  const absl::Time start = absl::Now();
  v1::StepReport report = MakeStepReport("assign", step.plugin(), nullptr, 0);
  absl::Status status;
  report.set_outcome("ok");
  if (step.plugin().empty()) {
    status = SolveByOwn(run);
  } else {
    status = AskProfileSolver(run, &report);
    report.set_outcome("ok");
    if (!status.ok()) {
      SetStepError(status, &report);
      const bool falls_back = step.failure_policy() != v1::FAILURE_POLICY_FAIL &&
                              !EndsRun(*run, status) &&
                              model::ErrorReason(status) != model::Reason::kRunInfeasible;
      if (falls_back) {
        run->report.set_degraded(true);
        report.set_outcome("fell_back");
        status = SolveByOwn(run);
      }
    }
  }
  report.set_wall_us(absl::ToInt64Microseconds(absl::Now() - start));
  *run->report.add_steps() = report;
  return status;
}

absl::Status ComparePlans(RunState* run) {
  RETURN_IF_ERROR(run->CheckTime());
  const RoundSnapshot& s = run->snapshot();
  auto figures = [&](const std::vector<PlanPair>& plan) {
    return FiguresOf(s, run->profile(), run->problem, plan);
  };
  *run->report.mutable_figures() = figures(run->full_plan);

  std::vector<uint32_t> order(s.needs.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&s](uint32_t a, uint32_t b) {
    return s.needs[a].apply_ns < s.needs[b].apply_ns;
  });
  *run->report.mutable_first_come_figures() =
      figures(FullPlan(run->problem, SolveFirstCome(run->problem, order)));

  if (ProvesBestTotal(run->plan)) {
    *run->report.mutable_best_total_figures() = run->report.figures();
  } else {
    AssignProblem relaxed = run->problem;
    for (plugin::Group& group : relaxed.groups) group.min_units = 0;
    std::optional<BestTotal> best = AskForBestTotal(*run, relaxed);
    RETURN_IF_ERROR(run->CheckTime());
    if (!best) best = BestTotal{SolveGreedy(relaxed, {}), false};
    if (!best->proven) run->Warn("the best total shown for comparison is not proven to be best");
    *run->report.mutable_best_total_figures() = figures(FullPlan(relaxed, best->assignment));
  }
  run->report.set_price_of_fairness_permille(PriceOfFairnessPermille(
      run->report.best_total_figures().total_score(), run->report.figures().total_score()));
  return absl::OkStatus();
}

}  // namespace tandem::match
