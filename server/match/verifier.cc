// SPDX-License-Identifier: Apache-2.0

#include "match/verifier.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "match/wide_integer.h"
#include "model/absl_strings.h"
#include "model/status_macros.h"

namespace tandem::match {
namespace {

// One check that stops at the first offence and tells it.
class Finding {
 public:
  template <typename... Words>
  void Offend(const Words&... words) {
    if (holds_) offence_ = StrCat(words...);
    holds_ = false;
  }
  bool holds() const { return holds_; }
  void AddTo(v1::VerifyReport* report, std::string_view check, std::string when_fine) const {
    AddCheck(report, check, holds_, holds_ ? std::move(when_fine) : offence_);
  }

 private:
  bool holds_ = true;
  std::string offence_;
};

// The plan's units by pair and the sums they make, taken down once, whatever the plan holds.
class Ledger {
 public:
  Ledger(const AssignProblem& problem, const ClaimedPlan& plan)
      : p_(problem), need_got_(problem.n_needs(), 0), offer_gave_(problem.n_offers(), 0) {
    for (const plugin::AssignedPair& line : plan.assignment) {
      if (line.pair >= p_.n_pairs()) {
        shape_.Offend("pair ", line.pair, " does not exist");
        continue;
      }
      if (line.units < 1) shape_.Offend("pair ", line.pair, " has ", line.units, " slots");
      if (!units_.emplace(line.pair, line.units).second) {
        shape_.Offend("pair ", line.pair, " is listed twice");
      }
      const uint32_t need = NeedOf(line.pair), offer = p_.offer[line.pair];
      need_got_[need] += line.units;
      offer_gave_[offer] += line.units;
      objective_ += static_cast<Wide>(p_.score[line.pair]) * line.units;
      all_ += line.units;
    }
  }

  // By search, not by a table that candidates made.
  uint32_t NeedOf(uint64_t pair) const {
    auto after = std::upper_bound(p_.row_start.begin(), p_.row_start.end(), pair);
    return static_cast<uint32_t>(after - p_.row_start.begin() - 1);
  }
  int64_t UnitsOf(uint64_t pair) const {
    auto at = units_.find(pair);
    return at == units_.end() ? 0 : at->second;
  }
  Wide NeedGot(size_t need) const { return need_got_[need]; }
  Wide OfferGave(size_t offer) const { return offer_gave_[offer]; }
  Wide GroupSum(const plugin::Group& group) const {
    Wide sum = 0;
    for (uint32_t member : group.members) {
      sum += group.side == plugin::Side::kOffers ? offer_gave_[member] : need_got_[member];
    }
    return sum;
  }
  Wide objective() const { return objective_; }
  int64_t all() const { return static_cast<int64_t>(all_); }
  const Finding& shape() const { return shape_; }

 private:
  const AssignProblem& p_;
  absl::flat_hash_map<uint64_t, int64_t> units_;
  std::vector<Wide> need_got_, offer_gave_;
  Wide objective_ = 0;
  Wide all_ = 0;
  Finding shape_;
};

int64_t Shown(Wide value) { return static_cast<int64_t>(value); }

void CheckSlots(const AssignProblem& p, const Ledger& ledger, v1::VerifyReport* report) {
  Finding finding = ledger.shape();
  for (size_t n = 0; n < p.n_needs(); ++n) {
    if (ledger.NeedGot(n) > p.need_units[n]) {
      finding.Offend("need ", n, " got ", Shown(ledger.NeedGot(n)), " of ", p.need_units[n]);
    }
  }
  for (size_t o = 0; o < p.n_offers(); ++o) {
    if (ledger.OfferGave(o) > p.offer_units[o]) {
      finding.Offend("offer ", o, " gave ", Shown(ledger.OfferGave(o)), " of ", p.offer_units[o]);
    }
  }
  finding.AddTo(report, "slots",
                StrCat(ledger.all(), " slots in ", p.n_needs(), " needs and ", p.n_offers(),
                       " offers, all within room"));
}

void CheckGroups(const AssignProblem& p, const Ledger& ledger, bool corridors,
                 v1::VerifyReport* report) {
  Finding finding;
  int64_t count = 0;
  for (size_t g = 0; g < p.groups.size(); ++g) {
    if (p.labels[g].corridor != corridors) continue;
    ++count;
    const Wide sum = ledger.GroupSum(p.groups[g]);
    if (sum < p.groups[g].min_units) {
      finding.Offend(p.labels[g].id, " has ", Shown(sum), " slots, the minimum is ",
                     p.groups[g].min_units);
    }
    if (sum > p.groups[g].max_units) {
      finding.Offend(p.labels[g].id, " has ", Shown(sum), " slots, the maximum is ",
                     p.groups[g].max_units);
    }
  }
  finding.AddTo(report, corridors ? "corridors" : "reserves",
                corridors ? StrCat(count, " corridors within minimum and maximum")
                          : StrCat(count, " reserves at what can be reached"));
}

void CheckFixed(const AssignProblem& p, const Ledger& ledger, v1::VerifyReport* report) {
  Finding finding;
  for (const plugin::FixedPair& fixed : p.fixed) {
    if (ledger.UnitsOf(fixed.pair) < fixed.units) {
      finding.Offend("kept pair ", fixed.pair, " has ", ledger.UnitsOf(fixed.pair), " of ",
                     fixed.units, " slots");
    }
  }
  finding.AddTo(report, "fixed", StrCat(p.fixed.size() + p.settled.size(), " kept pairs in place"));
}

// Dual feasibility and complementary slackness as tandem_plugin.h writes them.
void CheckCertificate(const AssignProblem& p, const Ledger& ledger,
                      const plugin::Potentials& potentials, v1::VerifyReport* report) {
  Finding finding;
  if (potentials.need.size() != p.n_needs() || potentials.offer.size() != p.n_offers() ||
      potentials.group.size() != p.groups.size()) {
    finding.Offend("the potentials have other sizes than the problem");
    return finding.AddTo(report, "certificate", "");
  }
  std::vector<Wide> need_price(p.n_needs()), offer_price(p.n_offers());
  for (size_t n = 0; n < p.n_needs(); ++n) {
    const int64_t u = potentials.need[n];
    need_price[n] = u;
    if (u < 0) finding.Offend("need ", n, " has the negative potential ", u);
    if (u > 0 && ledger.NeedGot(n) < p.need_units[n]) {
      finding.Offend("need ", n, " has a price though it is not full");
    }
  }
  for (size_t o = 0; o < p.n_offers(); ++o) {
    const int64_t v = potentials.offer[o];
    offer_price[o] = v;
    if (v < 0) finding.Offend("offer ", o, " has the negative potential ", v);
    if (v > 0 && ledger.OfferGave(o) < p.offer_units[o]) {
      finding.Offend("offer ", o, " has a price though it is not full");
    }
  }
  for (size_t g = 0; g < p.groups.size(); ++g) {
    const plugin::Group& group = p.groups[g];
    const int64_t w = potentials.group[g];
    const Wide sum = ledger.GroupSum(group);
    if (w > 0 && sum != group.max_units) {
      finding.Offend(p.labels[g].id, " has a price though it is not at its maximum");
    }
    if (w < 0 && sum != group.min_units) {
      finding.Offend(p.labels[g].id, " has a bonus though it is not at its minimum");
    }
    for (uint32_t member : group.members) {
      (group.side == plugin::Side::kOffers ? offer_price[member] : need_price[member]) += w;
    }
  }
  size_t next_fixed = 0;
  for (size_t n = 0; n < p.n_needs() && finding.holds(); ++n) {
    for (uint64_t pair = p.row_start[n]; pair < p.row_start[n + 1]; ++pair) {
      int64_t fixed = 0;
      if (next_fixed < p.fixed.size() && p.fixed[next_fixed].pair == pair) {
        fixed = p.fixed[next_fixed++].units;
      }
      const Wide reduced =
          static_cast<Wide>(p.score[pair]) - need_price[n] - offer_price[p.offer[pair]];
      if (reduced > 0) finding.Offend("pair ", pair, " would still add to the total");
      if (reduced < 0 && ledger.UnitsOf(pair) > fixed) {
        finding.Offend("pair ", pair, " is in the plan for less than it costs");
      }
    }
  }
  finding.AddTo(report, "certificate", StrCat("optimal over these ", p.n_pairs(), " candidates"));
}

}  // namespace

void AddCheck(v1::VerifyReport* report, std::string_view check, bool holds, std::string detail) {
  report->set_verified((report->checks().empty() || report->verified()) && holds);
  v1::VerifyCheck* added = report->add_checks();
  added->set_check(check.data(), check.size());
  added->set_holds(holds);
  added->set_detail(std::move(detail));
}

v1::VerifyReport VerifyPlan(const AssignProblem& problem, const ClaimedPlan& plan) {
  v1::VerifyReport report;
  const Ledger ledger(problem, plan);
  CheckSlots(problem, ledger, &report);
  CheckGroups(problem, ledger, true, &report);
  CheckGroups(problem, ledger, false, &report);
  CheckFixed(problem, ledger, &report);
  AddCheck(&report, "objective", ledger.objective() == plan.objective,
           ledger.objective() == plan.objective
               ? StrCat("total score ", plan.objective)
               : StrCat("claimed ", plan.objective, ", is ", Shown(ledger.objective())));
  if (plan.potentials) CheckCertificate(problem, ledger, *plan.potentials, &report);
  return report;
}

absl::Status VerifyRules(const AssignProblem& problem, const ClaimedPlan& plan,
                         const RowNames& names, PairRules* rules, v1::VerifyReport* report) {
  Finding finding;
  const Ledger ledger(problem, plan);
  int64_t judged = 0;
  for (const plugin::AssignedPair& line : plan.assignment) {
    if (line.pair >= problem.n_pairs()) continue;
    const std::string& need = names.needs[ledger.NeedOf(line.pair)];
    const std::string& offer = names.offers[problem.offer[line.pair]];
    ASSIGN_OR_RETURN(std::vector<Rule> broken, rules->Broken(need, offer));
    ++judged;
    if (!broken.empty()) {
      finding.Offend(need, " with ", offer, " breaks ", TextOf(broken.front()).code);
    }
  }
  finding.AddTo(report, "rules", StrCat(judged, " pairs judged from their records"));
  return absl::OkStatus();
}

}  // namespace tandem::match
