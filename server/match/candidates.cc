// SPDX-License-Identifier: Apache-2.0

#include "match/candidates.h"

#include <algorithm>
#include <utility>

#include "match/offer_sets.h"
#include "match/parallel.h"
#include "model/error.h"
#include "xxhash.h"

namespace tandem::match {
namespace {

// Needs a thread takes at a time.
constexpr size_t kGrain = 16;

// Spreads every input bit over every output bit; the same on every machine.
uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// What one thread counts per offer.
struct ThreadCounts {
  explicit ThreadCounts(size_t offers)
      : dropped(kRuleCount, BitCounters(offers)), cut(offers), alive(offers), before(offers) {}
  std::vector<BitCounters> dropped;
  BitCounters cut;
  Bitset alive, before;
};

class CandidateFinder {
 public:
  CandidateFinder(const RoundSnapshot& snapshot, const v1::HardRules& rules,
                  const CandidateOptions& options)
      : s_(snapshot), options_(options), sets_(snapshot, rules) {
    offer_hash_.reserve(s_.offers.size());
    for (const OfferRow& offer : s_.offers) offer_hash_.push_back(HashName(offer.name));
    size_t at = 0;
    kept_start_.resize(s_.needs.size() + 1);
    for (size_t need = 0; need <= s_.needs.size(); ++need) {
      while (at < s_.kept.size() && s_.kept[at].need < need) ++at;
      kept_start_[need] = at;
    }
  }

  absl::StatusOr<Candidates> Find() {
    const size_t n_needs = s_.needs.size();
    Candidates out;
    out.need_dropped.assign(n_needs, RuleCounts{});
    out.need_cut.assign(n_needs, 0);
    std::vector<std::vector<uint32_t>> rows(n_needs);
    std::vector<ThreadCounts> counts(static_cast<size_t>(std::max(options_.threads, 1)),
                                     ThreadCounts(s_.offers.size()));
    ParallelFor(options_.threads, n_needs, kGrain, [&](size_t begin, size_t end, int thread) {
      for (size_t need = begin; need < end && !Cancelled(); ++need) {
        Look(static_cast<uint32_t>(need), &counts[static_cast<size_t>(thread)], &rows[need], &out);
      }
    });
    if (Cancelled()) return model::MakeError(model::Reason::kCancelled, "the run was cancelled");
    Collect(counts, rows, &out);
    return out;
  }

 private:
  bool Cancelled() const { return options_.cancelled != nullptr && options_.cancelled->load(); }
  uint64_t HashName(const std::string& name) const {
    return XXH3_64bits_withSeed(name.data(), name.size(), options_.seed);
  }

  // Counts what `keep` removes from alive under `rule`, for the need and for each offer.
  template <typename Keep>
  void Apply(Rule rule, ThreadCounts* counts, RuleCounts* dropped, Keep&& keep) {
    counts->before = counts->alive;
    keep(&counts->alive);
    BitCounters& per_offer = counts->dropped[static_cast<size_t>(rule)];
    int64_t gone_in_all = 0;
    for (size_t i = 0; i < counts->alive.words(); ++i) {
      const uint64_t gone = counts->before.word(i) & ~counts->alive.word(i);
      if (gone == 0) continue;
      gone_in_all += std::popcount(gone);
      per_offer.AddWord(i, gone);
    }
    (*dropped)[static_cast<size_t>(rule)] += gone_in_all;
  }

  void Look(uint32_t need_row, ThreadCounts* counts, std::vector<uint32_t>* row, Candidates* out) {
    const NeedRow& need = s_.needs[need_row];
    RuleCounts* dropped = &out->need_dropped[need_row];
    counts->alive.Fill(true);
    auto apply = [&](Rule rule, auto&& keep) {
      Apply(rule, counts, dropped, std::forward<decltype(keep)>(keep));
    };
    apply(Rule::kAgencyInactive, [&](Bitset* alive) { *alive &= sets_.active(); });
    apply(Rule::kNoConsent, [&](Bitset* alive) { *alive &= sets_.consented(); });
    apply(Rule::kOfferNoRoom, [&](Bitset* alive) { *alive &= sets_.with_room(); });
    if (need.units <= 0) {
      apply(Rule::kNeedNoRoom, [](Bitset* alive) { alive->Fill(false); });
    }
    apply(Rule::kCorridorMismatch, [&](Bitset* alive) { sets_.KeepCorridor(need, alive); });
    apply(Rule::kCategoryMismatch, [&](Bitset* alive) { sets_.KeepCategory(need, alive); });
    apply(Rule::kGradeExpired, [&](Bitset* alive) { sets_.KeepUnexpired(need, alive); });
    apply(Rule::kGradeBelow, [&](Bitset* alive) { sets_.KeepGrade(need, alive); });
    apply(Rule::kSectorGap, [&](Bitset* alive) { sets_.KeepGap(need, alive); });
    apply(Rule::kLanguageMissing, [&](Bitset* alive) { sets_.KeepLanguages(need, alive); });
    apply(Rule::kAltitude, [&](Bitset* alive) { sets_.KeepAltitude(need, alive); });
    apply(Rule::kDatesApart, [&](Bitset* alive) { sets_.KeepDates(need, alive); });
    apply(Rule::kRegionNotAccepted, [&](Bitset* alive) { sets_.KeepAcceptedRegions(need, alive); });
    apply(Rule::kRegionRefused, [&](Bitset* alive) { sets_.KeepUnrefusedRegions(need, alive); });
    apply(Rule::kAgencyRefused, [&](Bitset* alive) { sets_.KeepUnrefusedAgencies(need, alive); });
    apply(Rule::kSameAgency, [&](Bitset* alive) { sets_.KeepOtherAgencies(need, alive); });
    apply(Rule::kForbiddenPair, [&](Bitset* alive) { sets_.KeepUnforbidden(need, alive); });
    Choose(need_row, counts, row, out);
  }

  // Takes the best of alive into `row` and counts the rest as cut.
  void Choose(uint32_t need_row, ThreadCounts* counts, std::vector<uint32_t>* row,
              Candidates* out) {
    Bitset& alive = counts->alive;
    auto take = [&](size_t bit) {
      row->push_back(sets_.row(bit));
      alive.Clear(bit);
    };
    for (size_t i = kept_start_[need_row]; i < kept_start_[need_row + 1]; ++i) {
      const uint32_t bit = sets_.bit(s_.kept[i].offer);
      if (alive.Test(bit)) take(bit);
    }
    // Whole ranks while they fit; the rank that does not is decided by the keyed hash.
    std::vector<size_t> rank_bits, best;
    size_t room = options_.per_need;
    auto flush = [&] {
      if (rank_bits.size() <= room) {
        room -= rank_bits.size();
        best.insert(best.end(), rank_bits.begin(), rank_bits.end());
      } else {
        const uint64_t need_hash = HashName(s_.needs[need_row].name);
        std::vector<std::pair<uint64_t, size_t>> keyed;
        for (size_t bit : rank_bits) {
          keyed.emplace_back(Mix(need_hash + Mix(offer_hash_[sets_.row(bit)])), bit);
        }
        std::sort(keyed.begin(), keyed.end());
        for (size_t i = 0; i < room; ++i) best.push_back(keyed[i].second);
        room = 0;
      }
      rank_bits.clear();
    };
    alive.ForEachUntil([&](size_t bit) {
      if (!rank_bits.empty() && sets_.rank(rank_bits.back()) != sets_.rank(bit)) flush();
      if (room == 0) return false;
      rank_bits.push_back(bit);
      return true;
    });
    flush();
    for (size_t bit : best) take(bit);
    int64_t cut = 0;
    for (size_t i = 0; i < alive.words(); ++i) {
      if (alive.word(i) == 0) continue;
      cut += std::popcount(alive.word(i));
      counts->cut.AddWord(i, alive.word(i));
    }
    out->need_cut[need_row] = cut;
    std::sort(row->begin(), row->end());
  }

  void Collect(const std::vector<ThreadCounts>& counts,
               const std::vector<std::vector<uint32_t>>& rows, Candidates* out) const {
    const size_t n_offers = s_.offers.size();
    out->row_start.assign(rows.size() + 1, 0);
    for (size_t need = 0; need < rows.size(); ++need) {
      out->row_start[need + 1] = out->row_start[need] + rows[need].size();
      if (out->need_cut[need] > 0) ++out->cut_needs;
    }
    out->offer.reserve(out->row_start.back());
    for (const auto& row : rows) out->offer.insert(out->offer.end(), row.begin(), row.end());
    // From bits back to rows.
    out->offer_dropped.assign(n_offers, RuleCounts{});
    out->offer_cut.assign(n_offers, 0);
    std::vector<int64_t> totals(n_offers);
    for (size_t rule = 0; rule <= kRuleCount; ++rule) {
      std::fill(totals.begin(), totals.end(), 0);
      for (const ThreadCounts& part : counts) {
        (rule < kRuleCount ? part.dropped[rule] : part.cut).AddTo(&totals);
      }
      for (size_t bit = 0; bit < n_offers; ++bit) {
        const uint32_t row = sets_.row(bit);
        (rule < kRuleCount ? out->offer_dropped[row][rule] : out->offer_cut[row]) = totals[bit];
      }
    }
  }

  const RoundSnapshot& s_;
  const CandidateOptions options_;
  OfferSets sets_;
  std::vector<uint64_t> offer_hash_;
  std::vector<size_t> kept_start_;
};

}  // namespace

size_t Candidates::MemoryBytes() const {
  return row_start.capacity() * 8 + offer.capacity() * 4 +
         (need_dropped.capacity() + offer_dropped.capacity()) * sizeof(RuleCounts) +
         (need_cut.capacity() + offer_cut.capacity()) * 8;
}

absl::StatusOr<Candidates> FindCandidates(const RoundSnapshot& snapshot, const v1::HardRules& rules,
                                          const CandidateOptions& options) {
  return CandidateFinder(snapshot, rules, options).Find();
}

}  // namespace tandem::match
