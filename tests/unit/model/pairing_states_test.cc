// SPDX-License-Identifier: Apache-2.0

// What must hold of any state table; golden/pairing/states.txt has the one we have.

#include "model/pairing_states.h"

#include <limits>
#include <set>
#include <tuple>

#include "gtest/gtest.h"
#include "model/round_windows.h"

namespace tandem::model {
namespace {

constexpr v1::PairingActor kAllActors[] = {v1::PAIRING_ACTOR_AGENCY, v1::PAIRING_ACTOR_COUNTY,
                                           v1::PAIRING_ACTOR_COORDINATOR, v1::PAIRING_ACTOR_SERVER};

TEST(PairingStates, OneStepForEachStateVerbAndActor) {
  std::set<std::tuple<int, PairingVerb, int>> seen;
  for (const PairingTransition& step : PairingTransitions()) {
    EXPECT_FALSE(step.actors.empty());
    for (v1::PairingActor actor : kAllActors) {
      if (!step.actors.contains(actor)) continue;
      EXPECT_TRUE(seen.emplace(step.from, step.verb, actor).second)
          << step.from << " " << PairingVerbName(step.verb) << " " << actor;
    }
  }
}

TEST(PairingStates, NobodyUnnamedAndNoServerActsForOthers) {
  for (const PairingTransition& step : PairingTransitions()) {
    EXPECT_FALSE(step.actors.contains(v1::PAIRING_ACTOR_UNSPECIFIED));
    EXPECT_EQ(step.actors.contains(v1::PAIRING_ACTOR_SERVER), step.verb == PairingVerb::kLapse);
  }
}

TEST(PairingStates, EveryStateIsReachedFromProposed) {
  std::set<int> reached = {v1::PAIRING_STATE_PROPOSED};
  for (size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const PairingTransition& step : PairingTransitions()) {
      if (reached.count(step.from) > 0) reached.insert(step.to);
    }
  }
  // All but UNSPECIFIED.
  EXPECT_EQ(reached.size(), static_cast<size_t>(v1::PairingState_descriptor()->value_count() - 1));
}

// Slots are taken by a side's yes and by nothing else, and given back by every ending.
TEST(PairingStates, SlotsAreTakenFromTheFirstAcceptanceToTheEnd) {
  for (const PairingTransition& step : PairingTransitions()) {
    const bool accepts = step.verb == PairingVerb::kAccept || step.verb == PairingVerb::kAgree;
    EXPECT_FALSE(!PairingTakesSlots(step.from) && PairingTakesSlots(step.to) && !accepts)
        << step.from << " " << PairingVerbName(step.verb);
    EXPECT_EQ(PairingTakesSlots(step.to), !PairingHasEnded(step.to));
    EXPECT_FALSE(PairingHasEnded(step.from));
  }
  EXPECT_FALSE(PairingTakesSlots(v1::PAIRING_STATE_PROPOSED));
  EXPECT_FALSE(PairingTakesSlots(v1::PAIRING_STATE_UNSPECIFIED));
}

TEST(PairingStates, UnspecifiedIsProposed) {
  EXPECT_FALSE(PairingHasEnded(v1::PAIRING_STATE_UNSPECIFIED));
  EXPECT_EQ(PairingStateText(v1::PAIRING_STATE_UNSPECIFIED), "PROPOSED");
  EXPECT_EQ(PairingStateAfter(v1::PAIRING_STATE_UNSPECIFIED, PairingVerb::kAccept,
                              v1::PAIRING_ACTOR_AGENCY),
            v1::PAIRING_STATE_AGENCY_ACCEPTED);
  EXPECT_EQ(PairingVerbsText(v1::PAIRING_STATE_UNSPECIFIED),
            "accept, decline, withdraw, supersede");
  EXPECT_EQ(PairingVerbsText(v1::PAIRING_STATE_LAPSED), "");
}

TEST(PairingStates, NothingIsLeftOfSlotsThatWereLowered) {
  EXPECT_EQ(SlotsLeft(3, 0), 3);
  EXPECT_EQ(SlotsLeft(3, 3), 0);
  EXPECT_EQ(SlotsLeft(3, 5), 0);
  EXPECT_EQ(SlotsLeft(0, std::numeric_limits<int64_t>::max()), 0);
}

TEST(RoundWindows, TheConfirmWindowSetsTheDeadlineThenTheReview) {
  v1::Round round;
  EXPECT_EQ(AnswerDeadline(round), std::nullopt);
  round.mutable_review_window()->mutable_end_time()->set_seconds(100);
  EXPECT_EQ(AnswerDeadline(round), absl::FromUnixSeconds(100));
  round.mutable_confirm_window()->mutable_start_time()->set_seconds(50);
  EXPECT_EQ(AnswerDeadline(round), absl::FromUnixSeconds(100));
  round.mutable_confirm_window()->mutable_end_time()->set_seconds(200);
  EXPECT_EQ(AnswerDeadline(round), absl::FromUnixSeconds(200));
}

TEST(RoundWindows, DaysAreThoseOfTheRoundsTimeZone) {
  // 2023-11-14 22:13:20 UTC.
  const absl::Time time = absl::FromUnixSeconds(1'700'000'000);
  v1::Round round;
  EXPECT_EQ(DayInRound(round, time), "2023-11-14");
  round.set_time_zone("Asia/Shanghai");
  EXPECT_EQ(DayInRound(round, time), "2023-11-15");
  round.set_time_zone("No/Where");
  EXPECT_EQ(DayInRound(round, time), "2023-11-14");
}

TEST(RoundWindows, AStartBelongsToTheWindowAnEndDoesNot) {
  v1::TimeWindow window;
  EXPECT_TRUE(IsInside(window, absl::UnixEpoch()));
  window.mutable_start_time()->set_seconds(10);
  window.mutable_end_time()->set_seconds(20);
  EXPECT_FALSE(IsInside(window, absl::FromUnixNanos(9'999'999'999)));
  EXPECT_TRUE(IsInside(window, absl::FromUnixSeconds(10)));
  EXPECT_TRUE(IsInside(window, absl::FromUnixNanos(19'999'999'999)));
  EXPECT_FALSE(IsInside(window, absl::FromUnixSeconds(20)));
}

}  // namespace
}  // namespace tandem::model
