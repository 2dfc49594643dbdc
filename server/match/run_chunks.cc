// SPDX-License-Identifier: Apache-2.0

#include "match/run_chunks.h"

#include <algorithm>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::match {
namespace {

using storage::v1::MatchChunk;
using storage::v1::MatchChunkKind;

// What a part may hold before its own framing.
constexpr size_t kBudget = kMaxChunkBytes - 1024;
// Numbers of a sliced list in one part: at most ten bytes each.
constexpr size_t kSlice = kBudget / 11;

std::string_view KindName(MatchChunkKind kind) {
  switch (kind) {
    case storage::v1::MATCH_CHUNK_KIND_MATCHES:
      return "matches";
    case storage::v1::MATCH_CHUNK_KIND_NEED_OUTCOMES:
      return "needs";
    case storage::v1::MATCH_CHUNK_KIND_OFFER_OUTCOMES:
      return "offers";
    case storage::v1::MATCH_CHUNK_KIND_INPUTS:
      return "inputs";
    case storage::v1::MATCH_CHUNK_KIND_CANDIDATES:
      return "candidates";
    default:
      return "problem";
  }
}

// Fills parts of one kind element by element.
class ChunkCutter {
 public:
  ChunkCutter(std::string run, MatchChunkKind kind, std::vector<MatchChunk>* chunks)
      : run_(std::move(run)), kind_(kind), chunks_(*chunks) {
    Open();
  }
  // The part with room for `bytes` more.
  MatchChunk* For(size_t bytes) {
    if (used_ > 0 && used_ + bytes > kBudget) Open();
    used_ += bytes;
    ++elements_;
    return &chunks_.back();
  }
  // A part of its own.
  MatchChunk* Fresh() {
    if (used_ > 0) Open();
    used_ = 1;
    return &chunks_.back();
  }

 private:
  void Open() {
    MatchChunk& chunk = chunks_.emplace_back();
    chunk.set_run(run_);
    chunk.set_kind(kind_);
    chunk.set_number(number_++);
    chunk.set_first(elements_);
    used_ = 0;
  }

  const std::string run_;
  const MatchChunkKind kind_;
  std::vector<MatchChunk>& chunks_;
  int32_t number_ = 0;
  int64_t elements_ = 0;
  size_t used_ = 0;
};

// A message's bytes inside a repeated field.
template <typename Message>
size_t CostOf(const Message& message) {
  return message.ByteSizeLong() + 8;
}

template <typename Steps>
void AddSteps(const std::vector<uint32_t>& rows, Steps* steps) {
  int64_t last = -1;
  for (uint32_t row : rows) {
    steps->Add(static_cast<uint32_t>(row - last));
    last = row;
  }
}

// Adds values[begin, end) of one list to a part of its own.
template <typename Values, typename Target>
void CutNumbers(const Values& values, ChunkCutter* cutter, Target&& target) {
  for (size_t begin = 0; begin < values.size(); begin += kSlice) {
    auto* list = target(cutter->Fresh()->mutable_problem());
    const size_t end = std::min(values.size(), begin + kSlice);
    list->Reserve(static_cast<int>(end - begin));
    for (size_t i = begin; i < end; ++i) list->Add(values[i]);
  }
}

void CutProblem(const RunState& run, std::vector<MatchChunk>* chunks) {
  const AssignProblem& p = run.problem;
  ChunkCutter cutter(run.in.run_id, storage::v1::MATCH_CHUNK_KIND_PROBLEM, chunks);
  storage::v1::MatchProblem* head = cutter.For(64)->mutable_problem();
  head->set_as_of_date(run.snapshot().as_of_date);
  head->set_has_potentials(run.plan.potentials.has_value());
  for (size_t g = 0; g < p.groups.size(); ++g) {
    storage::v1::ProblemGroup group;
    group.set_corridor(p.labels[g].corridor);
    group.set_id(p.labels[g].id);
    group.set_min_units(p.groups[g].min_units);
    if (p.groups[g].max_units != plugin::kNoMaxUnits) group.set_max_units(p.groups[g].max_units);
    AddSteps(p.groups[g].members, group.mutable_member_steps());
    *cutter.For(CostOf(group))->mutable_problem()->add_groups() = std::move(group);
  }
  std::vector<uint32_t> need_of = p.NeedOfPair();
  auto keep = [&cutter](uint32_t need, uint32_t offer, int64_t units, bool settled) {
    storage::v1::KeptPair kept;
    kept.set_need(need);
    kept.set_offer(offer);
    kept.set_units(units);
    kept.set_settled(settled);
    *cutter.For(CostOf(kept))->mutable_problem()->add_kept() = kept;
  };
  for (const plugin::FixedPair& fixed : p.fixed) {
    keep(need_of[fixed.pair], p.offer[fixed.pair], fixed.units, false);
  }
  for (const PlanPair& settled : p.settled) {
    keep(settled.need, settled.offer, settled.units, true);
  }
  using Problem = storage::v1::MatchProblem;
  CutNumbers(p.need_units, &cutter, [](Problem* out) { return out->mutable_need_units(); });
  CutNumbers(p.offer_units, &cutter, [](Problem* out) { return out->mutable_offer_units(); });
  if (!run.plan.potentials) return;
  const plugin::Potentials& potentials = *run.plan.potentials;
  CutNumbers(potentials.need, &cutter, [](Problem* out) { return out->mutable_need_potentials(); });
  CutNumbers(potentials.offer, &cutter,
             [](Problem* out) { return out->mutable_offer_potentials(); });
  CutNumbers(potentials.group, &cutter,
             [](Problem* out) { return out->mutable_group_potentials(); });
}

absl::Status Corrupt(std::string_view what) {
  return model::MakeError(model::Reason::kRecordCorrupt,
                          StrCat("the stored parts of a run do not fit together: ", what));
}

}  // namespace

std::string ChunkId(std::string_view run_id, MatchChunkKind kind, int32_t number) {
  return StrCat(run_id, "/", KindName(kind), "-", number);
}

std::vector<MatchChunk> CutIntoChunks(const RunState& run,
                                      const std::vector<RecordVersion>& versions) {
  std::vector<MatchChunk> chunks;
  ChunkCutter matches(run.in.run_id, storage::v1::MATCH_CHUNK_KIND_MATCHES, &chunks);
  for (const v1::Match& match : run.matches) {
    *matches.For(CostOf(match))->add_matches() = match;
  }
  ChunkCutter needs(run.in.run_id, storage::v1::MATCH_CHUNK_KIND_NEED_OUTCOMES, &chunks);
  for (const v1::MatchOutcome& outcome : run.need_outcomes) {
    *needs.For(CostOf(outcome))->add_outcomes() = outcome;
  }
  ChunkCutter offers(run.in.run_id, storage::v1::MATCH_CHUNK_KIND_OFFER_OUTCOMES, &chunks);
  for (const v1::MatchOutcome& outcome : run.offer_outcomes) {
    *offers.For(CostOf(outcome))->add_outcomes() = outcome;
  }
  ChunkCutter inputs(run.in.run_id, storage::v1::MATCH_CHUNK_KIND_INPUTS, &chunks);
  for (const RecordVersion& version : versions) {
    storage::v1::InputVersion* input =
        inputs.For(version.id.size() + version.survivor.size() + 32)->add_inputs();
    input->set_type(static_cast<uint32_t>(version.type));
    input->set_id(version.id);
    input->set_revision(version.revision);
    input->set_survivor(version.survivor);
  }
  ChunkCutter candidates(run.in.run_id, storage::v1::MATCH_CHUNK_KIND_CANDIDATES, &chunks);
  const AssignProblem& p = run.problem;
  for (size_t need = 0; need < p.n_needs(); ++need) {
    storage::v1::CandidateRow row;
    const auto begin = static_cast<ptrdiff_t>(p.row_start[need]);
    const auto end = static_cast<ptrdiff_t>(p.row_start[need + 1]);
    AddSteps({p.offer.begin() + begin, p.offer.begin() + end}, row.mutable_offer_steps());
    for (ptrdiff_t i = begin; i < end; ++i) {
      row.add_scores(static_cast<uint32_t>(p.score[static_cast<size_t>(i)]));
    }
    *candidates.For(CostOf(row))->add_candidates() = std::move(row);
  }
  CutProblem(run, &chunks);
  return chunks;
}

void ReadCandidateRow(const storage::v1::CandidateRow& row, std::vector<uint32_t>* offers,
                      std::vector<int64_t>* scores) {
  int64_t last = -1;
  for (uint32_t step : row.offer_steps()) {
    last += step;
    offers->push_back(static_cast<uint32_t>(last));
  }
  scores->insert(scores->end(), row.scores().begin(), row.scores().end());
}

absl::StatusOr<StoredProblem> JoinProblem(const std::vector<MatchChunk>& problem_parts,
                                          const std::vector<MatchChunk>& candidate_parts) {
  storage::v1::MatchProblem whole;
  for (const MatchChunk& part : problem_parts) whole.MergeFrom(part.problem());
  StoredProblem stored;
  stored.as_of_date = whole.as_of_date();
  AssignProblem& p = stored.problem;
  p.need_units.assign(whole.need_units().begin(), whole.need_units().end());
  p.offer_units.assign(whole.offer_units().begin(), whole.offer_units().end());
  p.row_start.push_back(0);
  for (const MatchChunk& part : candidate_parts) {
    for (const storage::v1::CandidateRow& row : part.candidates()) {
      if (row.scores_size() != row.offer_steps_size()) return Corrupt("scores of a need");
      ReadCandidateRow(row, &p.offer, &p.score);
      p.row_start.push_back(p.offer.size());
    }
  }
  if (p.row_start.size() != p.need_units.size() + 1) return Corrupt("needs");
  for (size_t need = 0; need < p.n_needs(); ++need) {
    for (uint64_t pair = p.row_start[need]; pair < p.row_start[need + 1]; ++pair) {
      const bool ascends = pair == p.row_start[need] || p.offer[pair - 1] < p.offer[pair];
      if (!ascends || p.offer[pair] >= p.n_offers()) return Corrupt("a candidate offer");
    }
  }
  for (const storage::v1::ProblemGroup& group : whole.groups()) {
    plugin::Group& added = p.groups.emplace_back();
    added.side = group.corridor() ? plugin::Side::kOffers : plugin::Side::kNeeds;
    int64_t last = -1;
    for (uint32_t step : group.member_steps()) {
      last += step;
      if (step == 0 ||
          last >= static_cast<int64_t>(group.corridor() ? p.n_offers() : p.n_needs())) {
        return Corrupt("a member of a group");
      }
      added.members.push_back(static_cast<uint32_t>(last));
    }
    added.min_units = group.min_units();
    added.max_units = group.has_max_units() ? group.max_units() : plugin::kNoMaxUnits;
    GroupLabel& label = p.labels.emplace_back();
    label.corridor = group.corridor();
    label.id = group.id();
  }
  for (const storage::v1::KeptPair& kept : whole.kept()) {
    if (kept.need() >= p.n_needs() || kept.offer() >= p.n_offers()) return Corrupt("a kept pair");
    if (kept.settled()) {
      p.settled.push_back({kept.need(), kept.offer(), kept.units(), kept.units(), 0, std::nullopt});
      continue;
    }
    auto begin = p.offer.begin() + static_cast<ptrdiff_t>(p.row_start[kept.need()]);
    auto end = p.offer.begin() + static_cast<ptrdiff_t>(p.row_start[kept.need() + 1]);
    auto at = std::lower_bound(begin, end, kept.offer());
    if (at == end || *at != kept.offer()) return Corrupt("a kept pair that is no candidate");
    p.fixed.push_back({static_cast<uint64_t>(at - p.offer.begin()), kept.units()});
  }
  if (whole.has_potentials()) {
    plugin::Potentials& potentials = stored.potentials.emplace();
    potentials.need.assign(whole.need_potentials().begin(), whole.need_potentials().end());
    potentials.offer.assign(whole.offer_potentials().begin(), whole.offer_potentials().end());
    potentials.group.assign(whole.group_potentials().begin(), whole.group_potentials().end());
    if (potentials.need.size() != p.n_needs() || potentials.offer.size() != p.n_offers() ||
        potentials.group.size() != p.groups.size()) {
      return Corrupt("potentials");
    }
  }
  return stored;
}

}  // namespace tandem::match
