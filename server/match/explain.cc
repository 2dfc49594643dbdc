// SPDX-License-Identifier: Apache-2.0

#include "match/explain.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "match/facts.h"
#include "match/parallel.h"
#include "model/absl_strings.h"

namespace tandem::match {
namespace {

// Row and score of the best candidate somebody did not get.
struct BestLost {
  int64_t score = -1;
  uint32_t row = 0;
};

class Explainer {
 public:
  explicit Explainer(RunState* run) : run_(*run), s_(run->snapshot()), p_(run->problem) {}

  void Explain() {
    TakeStock();
    FindBestLost();
    MakeMatches();
    MakeOutcomes();
    FillReport();
  }

 private:
  void TakeStock() {
    need_got_.assign(s_.needs.size(), 0);
    offer_gave_.assign(s_.offers.size(), 0);
    need_partner_.resize(s_.needs.size());
    offer_partner_.resize(s_.offers.size());
    for (const PlanPair& pair : run_.full_plan) {
      need_got_[pair.need] += pair.units;
      offer_gave_[pair.offer] += pair.units;
      // Where most of it went; the first by name among equals.
      auto better = [&](std::optional<PlanPair>& known) {
        if (!known || pair.units > known->units) known = pair;
      };
      better(need_partner_[pair.need]);
      better(offer_partner_[pair.offer]);
    }
    corridor_full_.assign(s_.corridors.size(), false);
    for (size_t g = 0; g < p_.groups.size(); ++g) {
      if (!p_.labels[g].corridor) continue;
      int64_t slots = 0;
      for (uint32_t member : p_.groups[g].members) slots += offer_gave_[member];
      group_slots_.push_back(slots);
      corridor_full_[p_.labels[g].index] = p_.groups[g].max_units != plugin::kNoMaxUnits &&
                                           slots - p_.labels[g].settled >= p_.groups[g].max_units;
    }
    for (size_t g = 0; g < p_.groups.size(); ++g) {
      if (p_.labels[g].corridor) continue;
      int64_t slots = 0;
      for (uint32_t member : p_.groups[g].members) slots += need_got_[member];
      group_slots_.push_back(slots);
    }
  }

  int64_t NeedLeft(uint32_t need) const { return s_.needs[need].units - need_got_[need]; }
  int64_t OfferLeft(uint32_t offer) const { return s_.offers[offer].units - offer_gave_[offer]; }
  bool CorridorFull(uint32_t offer) const {
    const Code corridor = s_.offers[offer].corridor;
    return corridor != kNoCode && corridor_full_[corridor];
  }

  // One walk over all candidates: the best one not in the plan for both sides, and whether there
  // was one with slots left (behind a full corridor or not).
  void FindBestLost() {
    need_lost_.assign(s_.needs.size(), {});
    offer_lost_.assign(s_.offers.size(), {});
    offer_candidates_.assign(s_.offers.size(), 0);
    need_open_.assign(s_.needs.size(), Cause::kOffersTaken);
    offer_open_.assign(s_.offers.size(), Cause::kNeedsFilled);
    size_t next = 0;
    std::vector<uint64_t> planned;
    for (const PlanPair& pair : run_.full_plan) {
      if (pair.pair) planned.push_back(*pair.pair);
    }
    for (uint32_t need = 0; need < s_.needs.size(); ++need) {
      for (uint64_t pair = p_.row_start[need]; pair < p_.row_start[need + 1]; ++pair) {
        const uint32_t offer = p_.offer[pair];
        ++offer_candidates_[offer];
        const bool both_left = NeedLeft(need) > 0 && OfferLeft(offer) > 0;
        if (both_left) {
          const Cause cause = CorridorFull(offer) ? Cause::kCorridorFull : Cause::kNotChosen;
          Raise(cause, &need_open_[need]);
          Raise(cause, &offer_open_[offer]);
        }
        if (next < planned.size() && planned[next] == pair) {
          ++next;
          continue;
        }
        if (p_.score[pair] > need_lost_[need].score) need_lost_[need] = {p_.score[pair], offer};
        if (p_.score[pair] > offer_lost_[offer].score) offer_lost_[offer] = {p_.score[pair], need};
      }
    }
  }

  // "Not chosen" says most: slots were there and no corridor stood in the way.
  static void Raise(Cause cause, Cause* known) {
    if (*known != Cause::kNotChosen) *known = cause;
  }

  void MakeMatches() {
    std::vector<PlanPair> order = run_.full_plan;
    std::stable_sort(order.begin(), order.end(),
                     [](const PlanPair& a, const PlanPair& b) { return a.score > b.score; });
    run_.matches.resize(order.size());
    ParallelFor(run_.in.threads, order.size(), 256, [&](size_t begin, size_t end, int) {
      for (size_t i = begin; i < end; ++i) run_.matches[i] = MakeMatch(order[i], i + 1);
    });
  }

  v1::Match MakeMatch(const PlanPair& pair, size_t number) const {
    const NeedRow& need = s_.needs[pair.need];
    const OfferRow& offer = s_.offers[pair.offer];
    v1::Match match;
    match.set_name(StrCat("matchRuns/", run_.in.run_id, "/matches/", number));
    match.set_need(need.name);
    match.set_offer(offer.name);
    match.set_agency(std::string(s_.agencies.name(offer.agency)));
    match.set_receiving_agency(std::string(s_.agencies.name(need.receiver)));
    match.set_receiving_region(std::string(s_.regions.name(need.region)));
    if (offer.corridor != kNoCode) match.set_corridor(s_.corridors[offer.corridor].id);
    match.set_slots(pair.units);
    match.set_score(pair.score);
    match.set_fixed(pair.kept_units > 0);
    if (pair.pair) {
      for (const ScoreColumn& column : run_.columns) {
        v1::ScorePart* part = match.add_parts();
        part->set_plugin(column.plugin);
        part->set_score(column.column.score[*pair.pair]);
        part->set_weight(column.weight);
      }
    }
    for (v1::MatchFact& fact : FactsOf(s_, pair)) *match.add_facts() = std::move(fact);
    return match;
  }

  // Reasons of one row, in order, plugins after the server's rules; and the last of them.
  std::optional<v1::ReasonCount> AddDropped(const RuleCounts& rules, int64_t cut, bool is_need,
                                            size_t row, v1::MatchOutcome* outcome) const {
    std::optional<v1::ReasonCount> last;
    auto add = [&](v1::ReasonCount reason) {
      last = reason;
      *outcome->add_dropped() = std::move(reason);
    };
    for (size_t rule = 0; rule < kRuleCount; ++rule) {
      if (rules[rule] > 0) add(ReasonCountOf(TextOf(static_cast<Rule>(rule)), rules[rule]));
    }
    if (cut > 0) add(ReasonCountOf(TextOf(Cause::kCutToBest), cut));
    for (const PluginDrop& drop : run_.plugin_drops) {
      const int64_t count = is_need ? drop.by_need[row] : drop.by_offer[row];
      if (count > 0) add(PluginReasonCount(drop.plugin, drop.reason, count));
    }
    return last;
  }

  static v1::ReasonCount MainReason(int64_t candidates, Cause open,
                                    const std::optional<v1::ReasonCount>& last) {
    if (candidates > 0) return ReasonCountOf(TextOf(open), candidates);
    return last ? *last : ReasonCountOf(TextOf(Cause::kNobodyThere), 0);
  }

  v1::MatchOutcome NeedOutcome(uint32_t row) const {
    const NeedRow& need = s_.needs[row];
    v1::MatchOutcome outcome;
    outcome.set_subject(need.name);
    outcome.set_slots(need.units);
    outcome.set_matched_slots(need_got_[row]);
    outcome.set_candidates(static_cast<int64_t>(p_.row_start[row + 1] - p_.row_start[row]));
    const auto last = AddDropped(run_.candidates.need_dropped[row], run_.candidates.need_cut[row],
                                 true, row, &outcome);
    if (NeedLeft(row) > 0) {
      *outcome.mutable_main_reason() = MainReason(outcome.candidates(), need_open_[row], last);
    }
    if (need_lost_[row].score >= 0) {
      const uint32_t offer = need_lost_[row].row;
      outcome.set_best_lost(s_.offers[offer].name);
      outcome.set_best_lost_score(need_lost_[row].score);
      if (offer_partner_[offer]) {
        outcome.set_best_lost_to(s_.needs[offer_partner_[offer]->need].name);
      }
    }
    return outcome;
  }

  v1::MatchOutcome OfferOutcome(uint32_t row) const {
    const OfferRow& offer = s_.offers[row];
    v1::MatchOutcome outcome;
    outcome.set_subject(offer.name);
    outcome.set_slots(offer.units);
    outcome.set_matched_slots(offer_gave_[row]);
    outcome.set_candidates(offer_candidates_[row]);
    const auto last = AddDropped(run_.candidates.offer_dropped[row], run_.candidates.offer_cut[row],
                                 false, row, &outcome);
    if (OfferLeft(row) > 0 || offer_gave_[row] == 0) {
      *outcome.mutable_main_reason() = MainReason(outcome.candidates(), offer_open_[row], last);
    }
    if (offer_lost_[row].score >= 0) {
      const uint32_t need = offer_lost_[row].row;
      outcome.set_best_lost(s_.needs[need].name);
      outcome.set_best_lost_score(offer_lost_[row].score);
      if (need_partner_[need]) {
        outcome.set_best_lost_to(s_.offers[need_partner_[need]->offer].name);
      }
    }
    return outcome;
  }

  void MakeOutcomes() {
    run_.need_outcomes.resize(s_.needs.size());
    run_.offer_outcomes.resize(s_.offers.size());
    const int threads = run_.in.threads;
    ParallelFor(threads, s_.needs.size(), 256, [&](size_t begin, size_t end, int) {
      for (size_t i = begin; i < end; ++i) {
        run_.need_outcomes[i] = NeedOutcome(static_cast<uint32_t>(i));
      }
    });
    ParallelFor(threads, s_.offers.size(), 256, [&](size_t begin, size_t end, int) {
      for (size_t i = begin; i < end; ++i) {
        run_.offer_outcomes[i] = OfferOutcome(static_cast<uint32_t>(i));
      }
    });
  }

  // Main reasons with how many subjects have each, most frequent first.
  template <typename Counts, typename Include>
  static void Tally(const std::vector<v1::MatchOutcome>& outcomes, Include&& include,
                    Counts* counts) {
    std::map<std::string, v1::ReasonCount> by_reason;
    for (const v1::MatchOutcome& outcome : outcomes) {
      if (!include(outcome)) continue;
      v1::ReasonCount& reason = by_reason[outcome.main_reason().reason()];
      const int64_t count = reason.count() + 1;
      reason = outcome.main_reason();
      reason.set_count(count);
    }
    for (auto& [code, reason] : by_reason) *counts->Add() = std::move(reason);
    std::stable_sort(
        counts->begin(), counts->end(),
        [](const v1::ReasonCount& a, const v1::ReasonCount& b) { return a.count() > b.count(); });
  }

  void FillReport() {
    v1::MatchRun& report = run_.report;
    auto short_of = [](const v1::MatchOutcome& o) { return o.matched_slots() < o.slots(); };
    auto unused = [](const v1::MatchOutcome& o) { return o.matched_slots() == 0; };
    Tally(run_.need_outcomes, short_of, report.mutable_unmatched_reasons());
    Tally(run_.offer_outcomes, unused, report.mutable_unused_reasons());
    v1::MatchCounts* counts = report.mutable_counts();
    counts->set_needs(static_cast<int64_t>(s_.needs.size()));
    counts->set_offers(static_cast<int64_t>(s_.offers.size()));
    int64_t need_slots = 0, offer_slots = 0, matched = 0;
    for (const NeedRow& need : s_.needs) need_slots += need.units;
    for (const OfferRow& offer : s_.offers) offer_slots += offer.units;
    for (const PlanPair& pair : run_.full_plan) matched += pair.units;
    counts->set_need_slots(need_slots);
    counts->set_offer_slots(offer_slots);
    counts->set_candidates(static_cast<int64_t>(run_.candidates.n_pairs()));
    counts->set_cut_needs(run_.candidates.cut_needs);
    counts->set_fixed_pairs(static_cast<int64_t>(s_.kept.size()));
    counts->set_matches(static_cast<int64_t>(run_.full_plan.size()));
    counts->set_matched_slots(matched);
    counts->set_unmatched_needs(
        std::count_if(run_.need_outcomes.begin(), run_.need_outcomes.end(), short_of));
    counts->set_unused_offers(
        std::count_if(run_.offer_outcomes.begin(), run_.offer_outcomes.end(), unused));
    for (size_t g = 0; g < p_.groups.size(); ++g) {
      const GroupLabel& label = p_.labels[g];
      if (label.corridor) {
        v1::CorridorUse* use = report.add_corridors();
        use->set_corridor_id(label.id);
        use->set_slots(group_slots_[g]);
        use->set_min_slots(label.asked_min);
        if (label.asked_max) use->set_max_slots(*label.asked_max);
      } else {
        v1::ReserveUse* use = report.add_reserves();
        use->set_designation(label.id);
        use->set_slots(group_slots_[g]);
        use->set_min_slots(label.asked_min);
        use->set_reachable_slots(std::min(label.asked_min, p_.groups[g].min_units + label.settled));
      }
    }
  }

  RunState& run_;
  const RoundSnapshot& s_;
  const AssignProblem& p_;
  std::vector<int64_t> need_got_, offer_gave_, offer_candidates_;
  std::vector<std::optional<PlanPair>> need_partner_, offer_partner_;
  std::vector<BestLost> need_lost_, offer_lost_;
  std::vector<Cause> need_open_, offer_open_;
  std::vector<bool> corridor_full_;
  // By group: corridors first, then reserves, as the groups stand.
  std::vector<int64_t> group_slots_;
};

}  // namespace

void ExplainRun(RunState* run) { Explainer(run).Explain(); }

}  // namespace tandem::match
