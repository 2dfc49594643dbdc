// SPDX-License-Identifier: Apache-2.0

#include "match/run_queries.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "match/pair_rules.h"
#include "match/run_pipeline.h"
#include "match/verifier.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/status_macros.h"
#include "tandem/v1/match_profile.pb.h"

namespace tandem::match {
namespace {

using model::RecordType;

// The records a run read, and the rules it judged by.
class RunRecordsThen {
 public:
  static absl::StatusOr<std::unique_ptr<RunRecordsThen>> Open(const v1::MatchRun& run,
                                                              std::vector<RecordVersion> versions,
                                                              const store::RecordReader* reader,
                                                              const std::string& as_of_date) {
    auto then = std::make_unique<RunRecordsThen>(run.read_revision(), versions, reader);
    for (const RecordVersion& version : versions) {
      if (version.type == RecordType::kMatchProfile) {
        RETURN_IF_ERROR(then->source_.Read(version, &then->profile_));
      }
    }
    then->rules_ = std::make_unique<PairRules>(&then->source_, &then->profile_.hard_rules(),
                                               run.round(), as_of_date);
    return then;
  }
  RunRecordsThen(store::Revision revision, const std::vector<RecordVersion>& versions,
                 const store::RecordReader* reader)
      : source_(revision, versions, reader) {}

  PairRules* rules() { return rules_.get(); }

 private:
  VersionedSource source_;
  v1::MatchProfile profile_;
  std::unique_ptr<PairRules> rules_;
};

// A version that was trimmed away is missing for good, and not the caller's mistake.
absl::Status SayCompacted(const absl::Status& status, const v1::MatchRun& run) {
  if (model::ErrorReason(status) != model::Reason::kResourceNotFound) return status;
  return model::MakeError(model::Reason::kRevisionCompacted,
                          StrCat("records as ", run.name(),
                                 " read them are no longer kept: ", ToStd(status.message())));
}

// Reasons beyond the rules that dropped partners of a subject: the cut, and filter plugins.
void AddLaterReasons(const v1::MatchOutcome& need, const v1::MatchOutcome& offer,
                     v1::WhyNotMatchResponse* response) {
  auto is_later = [](const std::string& code) {
    return code.find('/') != std::string::npos || code == TextOf(Cause::kCutToBest).code ||
           code == TextOf(Rule::kOfferNoRoom).code || code == TextOf(Rule::kNeedNoRoom).code;
  };
  for (const v1::ReasonCount& reason : need.dropped()) {
    if (!is_later(reason.reason())) continue;
    // It must have dropped this offer too, as far as the counts tell.
    const bool both = std::any_of(
        offer.dropped().begin(), offer.dropped().end(),
        [&](const v1::ReasonCount& other) { return other.reason() == reason.reason(); });
    if (!both) continue;
    v1::ReasonCount* added = response->add_reasons();
    *added = reason;
    added->set_count(1);
  }
}

void SayWhy(const v1::WhyNotMatchRequest& request, v1::WhyNotMatchResponse* response) {
  auto join = [&](bool zh) {
    std::string text;
    for (const v1::ReasonCount& reason : response->reasons()) {
      if (!text.empty()) text += zh ? ";" : "; ";
      text += zh ? reason.text_zh() : reason.text_en();
    }
    return text;
  };
  if (response->matched()) {
    response->set_text_zh("两者已在方案中结对。");
    response->set_text_en("The two are paired in the plan.");
  } else if (response->candidate()) {
    const std::string score = StrCat(response->score() / 1000, "/1000");
    response->set_text_zh(StrCat("两者符合全部规则(", score, " 分),但名额用于其他结对:需求「",
                                 response->need_outcome().main_reason().text_zh(), "」,意向「",
                                 response->offer_outcome().main_reason().text_zh(), "」。"));
    response->set_text_en(
        StrCat("The two break no rule (score ", score, "), but the slots went to other pairs",
               response->need_outcome().has_main_reason()
                   ? StrCat("; the need: ", response->need_outcome().main_reason().text_en())
                   : "",
               response->offer_outcome().has_main_reason()
                   ? StrCat("; the offer: ", response->offer_outcome().main_reason().text_en())
                   : "",
               "."));
  } else if (!request.need().empty() && !request.offer().empty()) {
    response->set_text_zh(StrCat("不能结对:", join(true), "。"));
    response->set_text_en(StrCat("They can't be paired: ", join(false), "."));
  } else {
    const v1::MatchOutcome& outcome =
        request.need().empty() ? response->offer_outcome() : response->need_outcome();
    if (outcome.has_main_reason()) {
      response->set_text_zh(StrCat(outcome.subject(), ":", outcome.main_reason().text_zh(), "(",
                                   outcome.matched_slots(), "/", outcome.slots(), " 个名额)。"));
      response->set_text_en(StrCat(outcome.subject(), " got ", outcome.matched_slots(), " of ",
                                   outcome.slots(), " slots: ", outcome.main_reason().text_en(),
                                   "."));
    } else {
      response->set_text_zh(StrCat(outcome.subject(), " 的名额已全部结对。"));
      response->set_text_en(StrCat(outcome.subject(), " has all its slots paired."));
    }
  }
}

}  // namespace

absl::StatusOr<v1::WhyNotMatchResponse> WhyNot(const v1::MatchRun& run, const RunResults& results,
                                               const store::RecordReader* reader,
                                               const v1::WhyNotMatchRequest& request) {
  v1::WhyNotMatchResponse response;
  RunResults::FoundOutcome need, offer;
  if (!request.need().empty()) {
    ASSIGN_OR_RETURN(need, results.FindOutcome(true, request.need()));
    *response.mutable_need_outcome() = need.outcome;
  }
  if (!request.offer().empty()) {
    ASSIGN_OR_RETURN(offer, results.FindOutcome(false, request.offer()));
    *response.mutable_offer_outcome() = offer.outcome;
  }
  if (request.need().empty() || request.offer().empty()) {
    const v1::MatchOutcome& outcome = request.need().empty() ? offer.outcome : need.outcome;
    *response.mutable_reasons() = outcome.dropped();
    response.set_matched(outcome.matched_slots() > 0);
    // "Matched" of one side alone is told by its outcome, not by a pair.
    v1::WhyNotMatchResponse told = response;
    told.set_matched(false);
    SayWhy(request, &told);
    response.set_text_zh(told.text_zh());
    response.set_text_en(told.text_en());
    return response;
  }
  ASSIGN_OR_RETURN(std::optional<int64_t> score, results.FindCandidate(need.row, offer.row));
  ASSIGN_OR_RETURN(std::optional<v1::Match> match,
                   results.FindMatch(request.need(), request.offer()));
  response.set_candidate(score.has_value());
  response.set_score(score.value_or(0));
  response.set_matched(match.has_value());
  if (!score) {
    ASSIGN_OR_RETURN(StoredProblem stored, results.Problem());
    ASSIGN_OR_RETURN(std::vector<RecordVersion> versions, results.Inputs());
    ASSIGN_OR_RETURN(auto then,
                     RunRecordsThen::Open(run, std::move(versions), reader, stored.as_of_date));
    absl::StatusOr<std::vector<Rule>> broken =
        then->rules()->Broken(request.need(), request.offer());
    if (!broken.ok()) return SayCompacted(broken.status(), run);
    for (Rule rule : *broken) *response.add_reasons() = ReasonCountOf(TextOf(rule), 1);
    if (broken->empty()) AddLaterReasons(need.outcome, offer.outcome, &response);
  }
  SayWhy(request, &response);
  return response;
}

absl::StatusOr<v1::VerifyReport> VerifyStoredRun(const v1::MatchRun& run, const RunResults& results,
                                                 const store::RecordReader* reader) {
  ASSIGN_OR_RETURN(StoredProblem stored, results.Problem());
  ASSIGN_OR_RETURN(std::vector<RecordVersion> versions, results.Inputs());
  const AssignProblem& problem = stored.problem;
  RowNames names;
  absl::flat_hash_map<std::string, uint32_t> need_rows, offer_rows;
  for (const RecordVersion& version : versions) {
    const std::string name = model::FormatName(version.type, version.id);
    if (version.type == RecordType::kNeed) {
      need_rows.emplace(name, static_cast<uint32_t>(names.needs.size()));
      names.needs.push_back(name);
    } else if (version.type == RecordType::kOffer) {
      offer_rows.emplace(name, static_cast<uint32_t>(names.offers.size()));
      names.offers.push_back(name);
    }
  }
  if (names.needs.size() != problem.n_needs() || names.offers.size() != problem.n_offers()) {
    return model::MakeError(model::Reason::kRecordCorrupt,
                            StrCat("the stored inputs of ", run.name(), " do not fit its problem"));
  }

  ClaimedPlan plan;
  plan.objective = run.figures().total_score();
  plan.potentials = stored.potentials;
  std::vector<PlanPair> full;
  int64_t first = 0;
  do {
    ASSIGN_OR_RETURN(std::vector<v1::Match> page, results.Matches(first, 1000, &first));
    for (const v1::Match& match : page) {
      auto need = need_rows.find(match.need());
      auto offer = offer_rows.find(match.offer());
      if (need == need_rows.end() || offer == offer_rows.end()) {
        return model::MakeError(model::Reason::kRecordCorrupt,
                                StrCat(match.name(), " pairs what the run did not look at"));
      }
      PlanPair pair{need->second, offer->second, match.slots(), 0, 0, std::nullopt};
      full.push_back(pair);
      auto begin = problem.offer.begin() + static_cast<ptrdiff_t>(problem.row_start[pair.need]);
      auto end = problem.offer.begin() + static_cast<ptrdiff_t>(problem.row_start[pair.need + 1]);
      auto at = std::lower_bound(begin, end, pair.offer);
      if (at != end && *at == pair.offer) {
        plan.assignment.push_back(
            {static_cast<uint64_t>(at - problem.offer.begin()), match.slots()});
        continue;
      }
      // Not a candidate: then it must be a pair that is kept outside the problem, as it is.
      const bool kept = std::any_of(
          problem.settled.begin(), problem.settled.end(), [&pair](const PlanPair& settled) {
            return settled.need == pair.need && settled.offer == pair.offer &&
                   settled.units == pair.units;
          });
      // An index past the end shows as a pair that does not exist.
      if (!kept) plan.assignment.push_back({problem.n_pairs(), match.slots()});
    }
  } while (first > 0);
  std::sort(full.begin(), full.end(), [](const PlanPair& a, const PlanPair& b) {
    return std::pair(a.need, a.offer) < std::pair(b.need, b.offer);
  });

  v1::VerifyReport report = VerifyPlan(problem, plan);
  ASSIGN_OR_RETURN(auto then,
                   RunRecordsThen::Open(run, std::move(versions), reader, stored.as_of_date));
  absl::Status judged = VerifyRules(problem, plan, names, then->rules(), &report);
  if (!judged.ok()) return SayCompacted(judged, run);

  auto stored_digest = [&run](std::string_view stage) {
    for (const v1::StageDigest& digest : run.stage_digests()) {
      if (digest.stage() == stage) return digest.sha256();
    }
    return std::string();
  };
  std::string wrong;
  if (CombineDigest(problem.row_start, problem.offer, problem.score) != stored_digest("combine")) {
    wrong = "combine";
  } else if (AssignDigest(full) != stored_digest("assign")) {
    wrong = "assign";
  } else if (RunDigest(run) != run.digest()) {
    wrong = "run";
  }
  AddCheck(&report, "digests", wrong.empty(),
           wrong.empty() ? StrCat("digest ", run.digest())
                         : StrCat("the stored digest of ", wrong, " belongs to something else"));
  return report;
}

}  // namespace tandem::match
