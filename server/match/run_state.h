// SPDX-License-Identifier: Apache-2.0

// What the stages of one run hand on to each other, and what stays at its end. Plain data; one
// thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "match/assign_problem.h"
#include "match/candidates.h"
#include "match/column_gather.h"
#include "match/record_source.h"
#include "match/round_snapshot.h"
#include "match/scoring.h"
#include "match/stage_plugin.h"
#include "match/verifier.h"
#include "tandem/v1/match_profile.pb.h"
#include "tandem/v1/match_run.pb.h"

namespace tandem::match {

// What a run works on. Everything outlives the run.
struct RunInputs {
  std::shared_ptr<const RoundSnapshot> snapshot;
  std::shared_ptr<ColumnGather> columns;
  const RecordSource* source = nullptr;
  const v1::MatchProfile* profile = nullptr;
  const StagePlugins* plugins = nullptr;
  // The run's id, for the names of its matches.
  std::string run_id;
  uint64_t seed = 0;
  int threads = 1;
  absl::Time deadline = absl::InfiniteFuture();
  const std::atomic<bool>* cancelled = nullptr;
  // Told when a stage begins; may be empty.
  std::function<void(std::string_view stage, int done, int total)> on_stage;
};

// Pairs a filter plugin dropped for one of its reasons.
struct PluginDrop {
  std::string plugin;
  std::string reason;
  std::vector<int64_t> by_need, by_offer;
};

// A scorer that took part.
struct ScoreColumn {
  std::string plugin;
  int32_t weight = 0;
  NormalisedColumn column;
};

// One run's work so far.
struct RunState {
  explicit RunState(RunInputs run_inputs) : in(std::move(run_inputs)) {}
  const RunInputs in;

  Candidates candidates;
  // Candidates left after the filters, as plugins see them.
  std::vector<uint64_t> row_start;
  std::vector<uint32_t> offer;
  plugin::PairSet::Ptr pairs;
  // Units each side can still take or give, kept pairs included.
  std::vector<int64_t> need_units, offer_units;
  std::vector<PluginDrop> plugin_drops;
  std::vector<ScoreColumn> columns;
  AssignProblem problem;
  ClaimedPlan plan;
  // With the pairs kept outside the problem.
  std::vector<PlanPair> full_plan;

  // The record's results: steps, counts, reasons, figures, digests …
  v1::MatchRun report;
  std::vector<v1::Match> matches;
  std::vector<v1::MatchOutcome> need_outcomes, offer_outcomes;

  const RoundSnapshot& snapshot() const { return *in.snapshot; }
  const v1::MatchProfile& profile() const { return *in.profile; }
  bool Cancelled() const { return in.cancelled != nullptr && in.cancelled->load(); }
  void Warn(std::string warning) {
    if (report.warnings_size() < 20) report.add_warnings(std::move(warning));
  }
  void AddDigest(std::string_view stage, std::string sha256) {
    v1::StageDigest* digest = report.add_stage_digests();
    digest->set_stage(stage.data(), stage.size());
    digest->set_sha256(std::move(sha256));
  }
  // The table part of a problem for one plugin; PLUGIN_REFUSED when it reads what there is not.
  absl::StatusOr<plugin::Problem> ProblemFor(const StagePlugin& plugin) const;
  plugin::CallOptions CallOptionsFor(const StagePlugin& plugin) const;
  // CANCELLED or DEADLINE_EXCEEDED when the run should not go on.
  absl::Status CheckTime() const;
};

}  // namespace tandem::match
