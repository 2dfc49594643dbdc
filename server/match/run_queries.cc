// SPDX-License-Identifier: Apache-2.0

#include "match/run_queries.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "match/pair_rules.h"
#include "match/run_pipeline.h"
#include "match/verifier.h"
#include "match/wide_integer.h"
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

// What one unit of a candidate that is not in the plan would take off the plan's total at least: by
// the certificate's prices no plan that pairs them is worth more (weak duality; tandem_plugin.h
// writes the prices). 0 when the run has no certificate.
Wide LeastLoss(const StoredProblem& stored, size_t need, size_t offer, int64_t score) {
  const AssignProblem& problem = stored.problem;
  if (!stored.potentials || need >= problem.n_needs() || offer >= problem.n_offers()) return 0;
  Wide price = static_cast<Wide>(stored.potentials->need[need]) + stored.potentials->offer[offer];
  for (size_t g = 0; g < problem.groups.size(); ++g) {
    const plugin::Group& group = problem.groups[g];
    const size_t row = group.side == plugin::Side::kOffers ? offer : need;
    if (std::binary_search(group.members.begin(), group.members.end(), row)) {
      price += stored.potentials->group[g];
    }
  }
  return std::max<Wide>(price - score, 0);
}

// A sentence in both languages.
struct Sentence {
  std::string en, zh;
};

// What became of one side of a pair that breaks no rule.
Sentence FateOf(const v1::MatchOutcome& outcome, bool is_need) {
  const std::string slots = StrCat(outcome.matched_slots(), "/", outcome.slots());
  if (!outcome.has_main_reason()) {
    return is_need ? Sentence{StrCat("the need's slots (", slots, ") all went to other offers"),
                              StrCat("需求的名额(", slots, ")已由其他意向满足")}
                   : Sentence{StrCat("the offer's slots (", slots, ") all went to other needs"),
                              StrCat("意向的名额(", slots, ")已用于其他需求")};
  }
  return {
      StrCat(is_need ? "the need" : "the offer", " got ", slots,
             " slots: ", outcome.main_reason().text_en()),
      StrCat(is_need ? "需求" : "意向", "获 ", slots, " 个名额:", outcome.main_reason().text_zh())};
}

// Why a pair is not in the plan, or that it is.
Sentence PairSentence(const v1::WhyNotMatchResponse& response, Wide least_loss) {
  if (response.matched()) return {"The two are paired in the plan.", "两者已在方案中结对。"};
  if (!response.candidate()) {
    Sentence broken;
    for (const v1::ReasonCount& reason : response.reasons()) {
      StrAppend(&broken.en, broken.en.empty() ? "" : "; ", reason.text_en());
      StrAppend(&broken.zh, broken.zh.empty() ? "" : ";", reason.text_zh());
    }
    return {StrCat("They can't be paired: ", broken.en, "."), StrCat("不能结对:", broken.zh, "。")};
  }
  const std::string score = StrCat(response.score() / 1000, "/1000");
  const Sentence need = FateOf(response.need_outcome(), true);
  const Sentence offer = FateOf(response.offer_outcome(), false);
  Sentence said{
      StrCat("The two break no rule (score ", score, "), but ", need.en, "; ", offer.en, "."),
      StrCat("两者符合全部规则(", score, " 分),但", need.zh, ";", offer.zh, "。")};
  if (least_loss >= 1000) {
    const auto points = static_cast<int64_t>(least_loss / 1000);
    StrAppend(&said.en, " Pairing them all the same would take at least ", points,
              " points a slot off the plan's total.");
    StrAppend(&said.zh, "若仍结对,方案总分每个名额至少减少 ", points, " 分。");
  }
  return said;
}

// What one need or offer got.
Sentence SubjectSentence(const v1::MatchOutcome& outcome) {
  if (!outcome.has_main_reason()) {
    return {StrCat(outcome.subject(), " has all its slots paired."),
            StrCat(outcome.subject(), " 的名额已全部结对。")};
  }
  const std::string zh_slots = StrCat(outcome.matched_slots(), "/", outcome.slots());
  return {
      StrCat(outcome.subject(), " got ", outcome.matched_slots(), " of ", outcome.slots(),
             " slots: ", outcome.main_reason().text_en(), "."),
      StrCat(outcome.subject(), ":", outcome.main_reason().text_zh(), "(", zh_slots, " 个名额)。")};
}

void Say(Sentence sentence, v1::WhyNotMatchResponse* response) {
  response->set_text_en(std::move(sentence.en));
  response->set_text_zh(std::move(sentence.zh));
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
    Say(SubjectSentence(request.need().empty() ? offer.outcome : need.outcome), &response);
    return response;
  }
  ASSIGN_OR_RETURN(std::optional<int64_t> score, results.FindCandidate(need.row, offer.row));
  ASSIGN_OR_RETURN(std::optional<v1::Match> match,
                   results.FindMatch(request.need(), request.offer()));
  response.set_candidate(score.has_value());
  response.set_score(score.value_or(0));
  response.set_matched(match.has_value());
  Wide least_loss = 0;
  if (!match) {
    ASSIGN_OR_RETURN(StoredProblem stored, results.Problem());
    if (score) {
      least_loss =
          LeastLoss(stored, static_cast<size_t>(need.row), static_cast<size_t>(offer.row), *score);
    } else {
      ASSIGN_OR_RETURN(std::vector<RecordVersion> versions, results.Inputs());
      ASSIGN_OR_RETURN(auto then,
                       RunRecordsThen::Open(run, std::move(versions), reader, stored.as_of_date));
      absl::StatusOr<std::vector<Rule>> broken =
          then->rules()->Broken(request.need(), request.offer());
      if (!broken.ok()) return SayCompacted(broken.status(), run);
      for (Rule rule : *broken) *response.add_reasons() = ReasonCountOf(TextOf(rule), 1);
      if (broken->empty()) AddLaterReasons(need.outcome, offer.outcome, &response);
    }
  }
  Say(PairSentence(response, least_loss), &response);
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
