// SPDX-License-Identifier: Apache-2.0

#include "match/run_pipeline.h"

#include <algorithm>
#include <future>
#include <utility>

#include "match/digest.h"
#include "match/explain.h"
#include "match/figures.h"
#include "match/plugin_stages.h"
#include "match/solve_stage.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

constexpr int kStages = 8;
constexpr int32_t kDefaultCandidates = 200;
constexpr int32_t kLeastPairWeight = 500;

void Begin(RunState* run, std::string_view stage, int done) {
  if (run->in.on_stage) run->in.on_stage(stage, done, kStages);
}

std::string InputDigest(const RoundSnapshot& s) {
  StageHash hash;
  hash.Add(s.as_of_date);
  hash.Add(static_cast<int64_t>(s.needs.size())).Add(static_cast<int64_t>(s.offers.size()));
  for (const NeedRow& need : s.needs) hash.Add(need.name).Add(need.units);
  for (const OfferRow& offer : s.offers) hash.Add(offer.name).Add(offer.units);
  for (const KeptPairing& kept : s.kept) hash.Add(kept.need).Add(kept.offer).Add(kept.units);
  return hash.Finish();
}

std::string PairsDigest(const std::vector<uint64_t>& row_start,
                        const std::vector<uint32_t>& offer) {
  StageHash hash;
  hash.AddAll(absl::MakeConstSpan(row_start)).AddAll(absl::MakeConstSpan(offer));
  return hash.Finish();
}

std::string ScoreDigest(const std::vector<ScoreColumn>& columns) {
  StageHash hash;
  for (const ScoreColumn& column : columns) {
    hash.Add(column.plugin).Add(column.weight).AddAll(absl::MakeConstSpan(column.column.score));
  }
  return hash.Finish();
}

absl::Status MakeCandidates(RunState* run) {
  Begin(run, "candidates", 0);
  const RoundSnapshot& s = run->snapshot();
  for (const std::string& warning : s.warnings) run->Warn(warning);
  for (const NeedRow& need : s.needs) run->need_units.push_back(need.units);
  for (const OfferRow& offer : s.offers) run->offer_units.push_back(offer.units);
  CandidateOptions options;
  const int32_t asked = run->profile().candidates_per_need();
  options.per_need = static_cast<uint32_t>(asked == 0 ? kDefaultCandidates : asked);
  options.seed = run->in.seed;
  options.threads = run->in.threads;
  options.cancelled = run->in.cancelled;
  ASSIGN_OR_RETURN(run->candidates, FindCandidates(s, run->profile().hard_rules(), options));
  run->row_start = run->candidates.row_start;
  run->offer = run->candidates.offer;
  if (run->candidates.cut_needs > 0) {
    run->Warn(StrCat(run->candidates.cut_needs, " needs kept only their best ", options.per_need,
                     " candidates"));
  }
  ASSIGN_OR_RETURN(run->pairs, plugin::PairSet::Make(s.offers.size(), run->row_start, run->offer));
  return absl::OkStatus();
}

absl::Status CombineScores(RunState* run) {
  Begin(run, "combine", 3);
  std::vector<WeightedColumn> weighted;
  for (const ScoreColumn& column : run->columns) {
    weighted.push_back({&column.column, column.weight});
    if (column.column.constant) {
      run->Warn(StrCat(column.plugin, " gave every candidate the same score"));
    }
  }
  std::vector<int64_t> combined =
      Combine(run->profile().combine(), weighted, run->offer.size(), run->in.threads);
  run->problem = BuildAssignProblem(run->snapshot(), run->profile(), run->row_start, run->offer,
                                    std::move(combined));
  const int32_t pair_weight = PairWeightPermille(run->profile());
  run->report.set_pair_weight_permille(pair_weight);
  if (run->profile().scorers_size() > 0 && pair_weight < kLeastPairWeight) {
    run->Warn(StrCat("only ", pair_weight / 10,
                     " % of the weight depends on the pair: the rest decides who gets in, "
                     "not who goes with whom"));
  }
  return absl::OkStatus();
}

absl::Status Verify(RunState* run) {
  Begin(run, "verify", 5);
  RETURN_IF_ERROR(run->CheckTime());
  RowNames names;
  for (const NeedRow& need : run->snapshot().needs) names.needs.push_back(need.name);
  for (const OfferRow& offer : run->snapshot().offers) names.offers.push_back(offer.name);
  v1::VerifyReport report = VerifyPlan(run->problem, run->plan);
  PairRules rules(run->in.source, &run->profile().hard_rules(), run->snapshot().round,
                  run->snapshot().as_of_date);
  RETURN_IF_ERROR(VerifyRules(run->problem, run->plan, names, &rules, &report));
  *run->report.mutable_verification() = std::move(report);
  for (const v1::VerifyCheck& check : run->report.verification().checks()) {
    if (check.holds()) continue;
    return model::MakeError(
        model::Reason::kInternal,
        StrCat("the plan does not pass its verification: ", check.check(), ": ", check.detail()),
        {{"check", check.check()}});
  }
  return absl::OkStatus();
}

}  // namespace

std::string CombineDigest(const std::vector<uint64_t>& row_start,
                          const std::vector<uint32_t>& offer, const std::vector<int64_t>& score) {
  StageHash hash;
  hash.AddAll(absl::MakeConstSpan(row_start))
      .AddAll(absl::MakeConstSpan(offer))
      .AddAll(absl::MakeConstSpan(score));
  return hash.Finish();
}

std::string AssignDigest(const std::vector<PlanPair>& plan) {
  StageHash hash;
  for (const PlanPair& pair : plan) hash.Add(pair.need).Add(pair.offer).Add(pair.units);
  return hash.Finish();
}

std::string RunDigest(const v1::MatchRun& run) {
  StageHash hash;
  for (const v1::StageDigest& stage : run.stage_digests()) {
    hash.Add(std::string_view(stage.stage())).Add(std::string_view(stage.sha256()));
  }
  return hash.Finish();
}

absl::Status RunPipeline(RunState* run) {
  RETURN_IF_ERROR(MakeCandidates(run));
  Begin(run, "filter", 1);
  RETURN_IF_ERROR(RunFilters(run));
  Begin(run, "score", 2);
  RETURN_IF_ERROR(RunScorers(run));
  RETURN_IF_ERROR(CombineScores(run));

  // Hashing takes a while on large runs and the server has nothing else to do while a solver works.
  struct Digests {
    std::string inputs, candidates, filter, score, combine;
  };
  std::future<Digests> digests =
      std::async(run->in.threads > 1 ? std::launch::async : std::launch::deferred, [run] {
        return Digests{
            InputDigest(run->snapshot()),
            PairsDigest(run->candidates.row_start, run->candidates.offer),
            PairsDigest(run->row_start, run->offer), ScoreDigest(run->columns),
            CombineDigest(run->problem.row_start, run->problem.offer, run->problem.score)};
      });
  Begin(run, "assign", 4);
  const absl::Status solved = RunSolver(run);
  const Digests made = digests.get();
  RETURN_IF_ERROR(solved);
  run->full_plan = FullPlan(run->problem, run->plan.assignment);
  RETURN_IF_ERROR(Verify(run));
  Begin(run, "compare", 6);
  RETURN_IF_ERROR(ComparePlans(run));
  Begin(run, "explain", 7);
  ExplainRun(run);
  run->AddDigest("inputs", made.inputs);
  run->AddDigest("candidates", made.candidates);
  run->AddDigest("filter", made.filter);
  run->AddDigest("score", made.score);
  run->AddDigest("combine", made.combine);
  run->AddDigest("assign", AssignDigest(run->full_plan));
  run->report.set_digest(RunDigest(run->report));
  run->report.set_peak_bytes(
      static_cast<int64_t>(run->snapshot().MemoryBytes() + run->candidates.MemoryBytes() +
                           run->offer.size() * (sizeof(double) + 3 * sizeof(int64_t) +
                                                run->columns.size() * sizeof(int32_t))));
  return absl::OkStatus();
}

}  // namespace tandem::match
