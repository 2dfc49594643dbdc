// SPDX-License-Identifier: Apache-2.0

#include "match/plugin_stages.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/clock.h"
#include "match/parallel.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "sdk/tandem_plugin.h"

namespace tandem::match {
namespace {

// One filter step's work on the pairs that are left.
class FilterStepRun {
 public:
  FilterStepRun(RunState* run, const v1::FilterStep& step) : run_(*run), step_(step) {}

  // Calls the plugin; on success the pairs are the ones it kept.
  absl::Status Run(v1::StepReport* report) {
    const std::string_view id = PluginIdOf(step_.plugin());
    ASSIGN_OR_RETURN(std::shared_ptr<StagePlugin> plugin, run_.in.plugins->Find(id));
    *report = MakeStepReport("filter", step_.plugin(), plugin.get(), 0);
    ASSIGN_OR_RETURN(plugin::Problem problem, run_.ProblemFor(*plugin));
    std::vector<uint8_t> verdicts(run_.offer.size());
    std::vector<uint16_t> reasons(run_.offer.size());
    ASSIGN_OR_RETURN(plugin::StageOutcome outcome,
                     plugin->Filter(problem, step_.config_json(), run_.CallOptionsFor(*plugin),
                                    absl::MakeSpan(verdicts), absl::MakeSpan(reasons)));
    if (outcome == plugin::StageOutcome::kSkipped) {
      report->set_outcome("skipped");
      return absl::OkStatus();
    }
    report->set_outcome("ok");
    return Drop(plugin->manifest(), verdicts, reasons, report);
  }

 private:
  absl::Status Drop(const plugin::Manifest& manifest, const std::vector<uint8_t>& verdicts,
                    const std::vector<uint16_t>& reasons, v1::StepReport* report) {
    const RoundSnapshot& s = run_.snapshot();
    absl::flat_hash_map<uint16_t, size_t> drop_of_reason;
    std::vector<uint64_t> row_start{0};
    std::vector<uint32_t> offer;
    int64_t dropped = 0;
    for (size_t need = 0; need < s.needs.size(); ++need) {
      for (uint64_t p = run_.row_start[need]; p < run_.row_start[need + 1]; ++p) {
        if (verdicts[p] == TANDEM_KEEP) {
          offer.push_back(run_.offer[p]);
          continue;
        }
        auto [at, is_new] = drop_of_reason.try_emplace(reasons[p], run_.plugin_drops.size());
        if (is_new) {
          run_.plugin_drops.push_back(
              {manifest.id,
               reasons[p] < manifest.reasons.size() ? manifest.reasons[reasons[p]] : "DROPPED",
               std::vector<int64_t>(s.needs.size(), 0), std::vector<int64_t>(s.offers.size(), 0)});
        }
        PluginDrop& drop = run_.plugin_drops[at->second];
        ++drop.by_need[need];
        ++drop.by_offer[run_.offer[p]];
        ++dropped;
      }
      row_start.push_back(offer.size());
    }
    report->set_dropped_pairs(dropped);
    run_.row_start = std::move(row_start);
    run_.offer = std::move(offer);
    ASSIGN_OR_RETURN(run_.pairs,
                     plugin::PairSet::Make(s.offers.size(), run_.row_start, run_.offer));
    return absl::OkStatus();
  }

  RunState& run_;
  const v1::FilterStep& step_;
};

// One scorer: its column, or why there is none.
struct ScoreResult {
  absl::Status status;
  bool skipped = false;
  NormalisedColumn column;
  v1::StepReport report;
};

ScoreResult RunScorer(const RunState& run, const v1::ScoreStep& step) {
  ScoreResult result;
  result.report = MakeStepReport("score", step.plugin(), nullptr, step.weight());
  const absl::Time start = absl::Now();
  auto score = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(std::shared_ptr<StagePlugin> plugin,
                     run.in.plugins->Find(PluginIdOf(step.plugin())));
    result.report = MakeStepReport("score", step.plugin(), plugin.get(), step.weight());
    ASSIGN_OR_RETURN(plugin::Problem problem, run.ProblemFor(*plugin));
    std::vector<double> scores(run.offer.size());
    ASSIGN_OR_RETURN(plugin::StageOutcome outcome,
                     plugin->Score(problem, step.config_json(), run.CallOptionsFor(*plugin),
                                   absl::MakeSpan(scores)));
    result.skipped = outcome == plugin::StageOutcome::kSkipped;
    if (result.skipped) return absl::OkStatus();
    const plugin::Manifest& manifest = plugin->manifest();
    result.column =
        Normalise(scores, manifest.score_low, manifest.score_high, manifest.higher_is_better);
    return absl::OkStatus();
  };
  result.status = score();
  result.report.set_wall_us(absl::ToInt64Microseconds(absl::Now() - start));
  return result;
}

}  // namespace

v1::StepReport MakeStepReport(std::string_view stage, std::string_view plugin_name,
                              const StagePlugin* plugin, int32_t weight) {
  v1::StepReport report;
  report.set_stage(stage.data(), stage.size());
  report.set_weight(weight);
  if (!plugin_name.empty()) {
    report.mutable_plugin()->set_plugin(plugin_name.data(), plugin_name.size());
  }
  if (plugin != nullptr) {
    report.mutable_plugin()->set_version(plugin->manifest().version);
    report.mutable_plugin()->set_digest(std::string(plugin->digest()));
    report.set_generation(static_cast<int64_t>(plugin->generation()));
  }
  return report;
}

void SetStepError(const absl::Status& status, v1::StepReport* report) {
  // The whole error: code, message and details.
  if (!report->mutable_error()->ParseFromString(model::SerializedRpcStatus(status))) {
    report->mutable_error()->set_message(std::string(ToStd(status.message())));
  }
}

bool EndsRun(const RunState& run, const absl::Status& status) {
  return run.Cancelled() || model::ErrorReason(status) == model::Reason::kCancelled ||
         absl::Now() >= run.in.deadline;
}

absl::Status RunFilters(RunState* run) {
  for (const v1::FilterStep& step : run->profile().filters()) {
    RETURN_IF_ERROR(run->CheckTime());
    v1::StepReport report = MakeStepReport("filter", step.plugin(), nullptr, 0);
    const absl::Time start = absl::Now();
    const absl::Status status = FilterStepRun(run, step).Run(&report);
    report.set_wall_us(absl::ToInt64Microseconds(absl::Now() - start));
    if (!status.ok()) {
      SetStepError(status, &report);
      report.set_outcome("skipped");
      *run->report.add_steps() = report;
      if (EndsRun(*run, status) || step.failure_policy() != v1::FAILURE_POLICY_SKIP) {
        return status;
      }
      run->report.set_degraded(true);
      continue;
    }
    *run->report.add_steps() = report;
  }
  return absl::OkStatus();
}

absl::Status RunScorers(RunState* run) {
  const v1::MatchProfile& profile = run->profile();
  const auto n = static_cast<size_t>(profile.scorers_size());
  std::vector<ScoreResult> results(n);
  // Scorers are processes of their own: as many at a time as the run has threads.
  ParallelFor(run->in.threads, n, 1, [&](size_t begin, size_t, int) {
    results[begin] = RunScorer(*run, profile.scorers(static_cast<int>(begin)));
  });
  RETURN_IF_ERROR(run->CheckTime());
  for (size_t i = 0; i < n; ++i) {
    const v1::ScoreStep& step = profile.scorers(static_cast<int>(i));
    ScoreResult& result = results[i];
    if (result.status.ok() && !result.skipped) {
      result.report.set_outcome("ok");
      result.report.set_uninformative(result.column.constant);
      run->columns.push_back({step.plugin(), step.weight(), std::move(result.column)});
    } else {
      result.report.set_outcome("skipped");
    }
    if (!result.status.ok()) SetStepError(result.status, &result.report);
    *run->report.add_steps() = result.report;
    if (result.status.ok()) continue;
    if (EndsRun(*run, result.status) || step.failure_policy() == v1::FAILURE_POLICY_FAIL) {
      return result.status;
    }
    run->report.set_degraded(true);
  }
  return absl::OkStatus();
}

absl::StatusOr<plugin::Problem> RunState::ProblemFor(const StagePlugin& plugin) const {
  ASSIGN_OR_RETURN(ProblemTables tables, in.columns->TablesFor({&plugin.manifest()}));
  plugin::Problem out;
  out.needs = std::move(tables.needs);
  out.offers = std::move(tables.offers);
  out.pairs = pairs;
  out.need_units = need_units;
  out.offer_units = offer_units;
  return out;
}

plugin::CallOptions RunState::CallOptionsFor(const StagePlugin& plugin) const {
  plugin::CallOptions options;
  options.deadline = std::min(in.deadline, absl::Now() + plugin.manifest().call_limit);
  options.cancelled = in.cancelled;
  options.revision = snapshot().revision;
  options.seed = in.seed;
  options.now_unix_ms = snapshot().as_of_unix_ms;
  return options;
}

absl::Status RunState::CheckTime() const {
  if (Cancelled()) return model::MakeError(model::Reason::kCancelled, "the run was cancelled");
  if (absl::Now() >= in.deadline) {
    return model::MakeError(model::Reason::kDeadlineExceeded, "the run's time is over");
  }
  return absl::OkStatus();
}

}  // namespace tandem::match
