// SPDX-License-Identifier: Apache-2.0

// The search for candidates against the judge that looks at one pair at a time, on random rounds:
// the same pairs, everybody else counted under the first rule that applies, and the same for any
// number of threads and any order of writing. Each failure prints its seed.

#include "match/candidates.h"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "match/pair_rules.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/pairing_states.h"
#include "sample_round.h"
#include "support/reason_matcher.h"
#include "support/status_matchers.h"

namespace tandem::match {
namespace {

constexpr uint32_t kRounds = 600;

// What the pair by pair judge says, with the rules about room put in their place.
std::vector<Rule> Judge(const RoundSnapshot& s, PairRules* rules, size_t need, size_t offer) {
  auto judged = rules->Broken(s.needs[need].name, s.offers[offer].name);
  EXPECT_THAT(judged, support::IsOk());
  std::vector<Rule> broken = judged.ok() ? *judged : std::vector<Rule>();
  if (s.offers[offer].units <= 0) broken.push_back(Rule::kOfferNoRoom);
  if (s.needs[need].units <= 0) broken.push_back(Rule::kNeedNoRoom);
  std::sort(broken.begin(), broken.end());
  return broken;
}

TEST(Candidates, AreThePairsThatBreakNoRule) {
  std::array<int64_t, kRuleCount> seen{};
  int64_t pairs = 0;
  for (uint32_t seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const SampleRound round = RandomRound(seed);
    const std::unique_ptr<MemorySource> source = round.Source();
    const auto s = SnapshotOf(*source);
    ASSERT_OK_AND_ASSIGN(Candidates found, FindCandidates(*s, round.profile.hard_rules(), {}));
    PairRules rules(source.get(), &round.profile.hard_rules(), kRoundName, kDay);
    std::vector<RuleCounts> need_dropped(s->needs.size()), offer_dropped(s->offers.size());
    std::vector<uint64_t> row_start = {0};
    std::vector<uint32_t> offers;
    for (size_t n = 0; n < s->needs.size(); ++n) {
      for (size_t o = 0; o < s->offers.size(); ++o) {
        const std::vector<Rule> broken = Judge(*s, &rules, n, o);
        if (broken.empty()) {
          offers.push_back(static_cast<uint32_t>(o));
        } else {
          ++need_dropped[n][static_cast<size_t>(broken.front())];
          ++offer_dropped[o][static_cast<size_t>(broken.front())];
          ++seen[static_cast<size_t>(broken.front())];
        }
      }
      row_start.push_back(offers.size());
    }
    ASSERT_EQ(found.row_start, row_start);
    ASSERT_EQ(found.offer, offers);
    ASSERT_EQ(found.need_dropped, need_dropped);
    ASSERT_EQ(found.offer_dropped, offer_dropped);
    pairs += static_cast<int64_t>(offers.size());
  }
  // The rounds are worth something only if every rule had work.
  for (size_t rule = 0; rule < kRuleCount; ++rule) {
    // Room runs out only through kept pairings of other rounds' needs: rare, and told apart below.
    if (static_cast<Rule>(rule) == Rule::kOfferNoRoom) continue;
    if (static_cast<Rule>(rule) == Rule::kNeedNoRoom) continue;
    EXPECT_GT(seen[rule], 20) << TextOf(static_cast<Rule>(rule)).code;
  }
  EXPECT_GT(pairs, 2000);
}

TEST(Candidates, OffersAndNeedsWithoutRoomDropOut) {
  SampleRound round = OnePairRound();
  v1::Pairing elsewhere;
  elsewhere.set_name("pairings/elsewhere");
  elsewhere.set_slots(2);
  elsewhere.set_state(v1::PAIRING_STATE_ACTIVE);
  elsewhere.set_agency("agencies/helper");
  elsewhere.set_offer("offers/o");
  for (bool of_offer : {true, false}) {
    SampleRound full = round;
    full.pairings = {elsewhere};
    if (!of_offer) {
      full.pairings[0].clear_offer();
      full.pairings[0].set_need("needs/n");
    }
    ASSERT_OK_AND_ASSIGN(Candidates found, FindCandidates(*SnapshotOf(*full.Source()),
                                                          full.profile.hard_rules(), {}));
    const Rule rule = of_offer ? Rule::kOfferNoRoom : Rule::kNeedNoRoom;
    EXPECT_EQ(found.n_pairs(), 0U);
    EXPECT_EQ(found.need_dropped[0][static_cast<size_t>(rule)], 1);
    EXPECT_EQ(found.offer_dropped[0][static_cast<size_t>(rule)], 1);
  }
}

// A run may give what an acceptance would still find free, in every state a pairing can be in, and
// not more.
TEST(Candidates, RoomIsWhatAcceptancesSee) {
  for (int state = 0; v1::PairingState_IsValid(state); ++state) {
    for (const char* sides : {"offer", "need", "both"}) {
      for (int64_t slots : {1, 2, 3}) {
        SampleRound round = OnePairRound();
        v1::Pairing pairing;
        pairing.set_name("pairings/p");
        pairing.set_slots(slots);
        pairing.set_state(static_cast<v1::PairingState>(state));
        pairing.set_agency("agencies/helper");
        if (std::string_view(sides) != "need") pairing.set_offer("offers/o");
        if (std::string_view(sides) != "offer") pairing.set_need("needs/n");
        round.pairings = {pairing};
        auto snapshot = SnapshotOf(*round.Source());
        const int64_t kept = snapshot->kept.empty() ? 0 : snapshot->kept[0].units;
        const int64_t taken = model::SlotsTaken(pairing.state(), slots);
        SCOPED_TRACE(testing::Message() << state << " " << sides << " " << slots);
        const int64_t offer_taken = pairing.offer().empty() ? 0 : taken;
        const int64_t need_taken = pairing.need().empty() ? 0 : taken;
        EXPECT_EQ(snapshot->offers[0].units - kept, model::SlotsLeft(2, offer_taken));
        EXPECT_EQ(snapshot->needs[0].units - kept, model::SlotsLeft(2, need_taken));
      }
    }
  }
}

// What the limit of offers a need must keep: all of the better ranks, and no more than the limit
// without the kept pairs.
void CheckCut(const RoundSnapshot& s, const Candidates& all, const Candidates& cut,
              uint32_t limit) {
  auto rank = [&s](uint32_t offer) {
    const AgencyRow& agency = s.agency_rows[s.offers[offer].agency];
    const RegionRow* home = s.region(agency.home);
    const int32_t sector = home != nullptr && home->sector_permille ? *home->sector_permille : 500;
    return std::pair(agency.points.value_or(500), sector);
  };
  int64_t cut_needs = 0;
  std::vector<int64_t> offer_cut(s.offers.size(), 0);
  for (size_t n = 0; n < s.needs.size(); ++n) {
    const std::set<uint32_t> kept(cut.offer.begin() + static_cast<ptrdiff_t>(cut.row_start[n]),
                                  cut.offer.begin() + static_cast<ptrdiff_t>(cut.row_start[n + 1]));
    std::set<uint32_t> fixed;
    for (const KeptPairing& pairing : s.kept) {
      if (pairing.need == n) fixed.insert(pairing.offer);
    }
    size_t passed = 0, counted = 0;
    std::vector<uint32_t> lost, chosen;
    for (uint64_t p = all.row_start[n]; p < all.row_start[n + 1]; ++p) {
      const uint32_t offer = all.offer[p];
      if (fixed.contains(offer)) {
        EXPECT_TRUE(kept.contains(offer)) << "a kept pair was cut";
        counted += 1;
        continue;
      }
      ++passed;
      (kept.contains(offer) ? chosen : lost).push_back(offer);
    }
    EXPECT_EQ(chosen.size(), std::min<size_t>(limit, passed));
    EXPECT_EQ(kept.size(), chosen.size() + counted);
    EXPECT_EQ(cut.need_cut[n], static_cast<int64_t>(lost.size()));
    if (!lost.empty()) ++cut_needs;
    for (uint32_t offer : lost) {
      ++offer_cut[offer];
      for (uint32_t better : chosen) EXPECT_GE(rank(better), rank(offer));
    }
  }
  EXPECT_EQ(cut.cut_needs, cut_needs);
  EXPECT_EQ(cut.offer_cut, offer_cut);
  EXPECT_EQ(cut.need_dropped, all.need_dropped);
  EXPECT_EQ(cut.offer_dropped, all.offer_dropped);
}

TEST(Candidates, TheLimitKeepsTheBestAndTheKeptPairs) {
  int64_t cut_in_all = 0;
  for (uint32_t seed = 0; seed < kRounds; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const SampleRound round = RandomRound(seed);
    const auto s = SnapshotOf(*round.Source());
    ASSERT_OK_AND_ASSIGN(Candidates all, FindCandidates(*s, round.profile.hard_rules(), {}));
    CandidateOptions options;
    options.per_need = 1 + seed % 3;
    options.seed = seed;
    ASSERT_OK_AND_ASSIGN(Candidates cut, FindCandidates(*s, round.profile.hard_rules(), options));
    CheckCut(*s, all, cut, options.per_need);
    cut_in_all += cut.cut_needs;
    if (HasFailure()) return;
  }
  EXPECT_GT(cut_in_all, 100);
}

TEST(Candidates, AreTheSameForAnyThreadsAndAnyOrderOfWriting) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    SCOPED_TRACE(StrCat("seed ", seed));
    const SampleRound round = RandomRound(seed, /*most=*/80);
    CandidateOptions options;
    options.per_need = 5;
    options.seed = 7;
    ASSERT_OK_AND_ASSIGN(Candidates one, FindCandidates(*SnapshotOf(*round.Source()),
                                                        round.profile.hard_rules(), options));
    for (int threads : {2, 4}) {
      options.threads = threads;
      ASSERT_OK_AND_ASSIGN(Candidates other,
                           FindCandidates(*SnapshotOf(*round.Source(/*reversed=*/true), threads),
                                          round.profile.hard_rules(), options));
      ASSERT_EQ(other.row_start, one.row_start);
      ASSERT_EQ(other.offer, one.offer);
      ASSERT_EQ(other.need_dropped, one.need_dropped);
      ASSERT_EQ(other.offer_dropped, one.offer_dropped);
      ASSERT_EQ(other.offer_cut, one.offer_cut);
    }
  }
}

TEST(Candidates, TheKeyOfTheHashDecidesAmongEquals) {
  SampleRound round = OnePairRound();
  const v1::Offer offer = round.offers[0];
  round.offers.clear();
  for (char c = 'a'; c <= 'z'; ++c) {
    round.offers.push_back(offer);
    round.offers.back().set_name(StrCat("offers/o", std::string(1, c)));
  }
  const auto s = SnapshotOf(*round.Source());
  std::set<std::vector<uint32_t>> seen;
  for (uint64_t seed = 0; seed < 8; ++seed) {
    CandidateOptions options;
    options.per_need = 3;
    options.seed = seed;
    ASSERT_OK_AND_ASSIGN(Candidates found, FindCandidates(*s, round.profile.hard_rules(), options));
    EXPECT_EQ(found.n_pairs(), 3U);
    seen.insert(found.offer);
  }
  EXPECT_GT(seen.size(), 4U) << "the seed does not matter";
}

TEST(Candidates, StopWhenCancelled) {
  const SampleRound round = OnePairRound();
  const std::atomic<bool> cancelled{true};
  CandidateOptions options;
  options.cancelled = &cancelled;
  EXPECT_THAT(
      FindCandidates(*SnapshotOf(*round.Source()), round.profile.hard_rules(), options).status(),
      support::HasReason(model::Reason::kCancelled));
}

}  // namespace
}  // namespace tandem::match
