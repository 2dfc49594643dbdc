// SPDX-License-Identifier: Apache-2.0

#include "model/pairing_states.h"

#include <set>
#include <utility>

#include "gtest/gtest.h"

namespace tandem::model {
namespace {

TEST(PairingStates, NoChangeIsListedTwiceOrLeadsToItself) {
  std::set<std::pair<int, int>> seen;
  for (const PairingTransition& transition : PairingTransitions()) {
    EXPECT_NE(transition.from, transition.to);
    EXPECT_TRUE(seen.emplace(transition.from, transition.to).second)
        << transition.from << " " << transition.to;
  }
}

TEST(PairingStates, EveryStateIsReachedFromProposed) {
  std::set<int> reached = {v1::PAIRING_STATE_PROPOSED};
  for (size_t before = 0; before != reached.size();) {
    before = reached.size();
    for (const PairingTransition& transition : PairingTransitions()) {
      if (reached.count(transition.from) > 0) reached.insert(transition.to);
    }
  }
  // All but UNSPECIFIED.
  EXPECT_EQ(reached.size(), static_cast<size_t>(v1::PairingState_descriptor()->value_count() - 1));
}

TEST(PairingStates, EndedStatesHaveNoWayOut) {
  for (v1::PairingState state :
       {v1::PAIRING_STATE_COMPLETED, v1::PAIRING_STATE_DECLINED, v1::PAIRING_STATE_LAPSED,
        v1::PAIRING_STATE_WITHDRAWN, v1::PAIRING_STATE_FAILED, v1::PAIRING_STATE_SUPERSEDED}) {
    EXPECT_TRUE(PairingHasEnded(state)) << state;
    EXPECT_FALSE(PairingTakesSlots(state)) << state;
  }
  EXPECT_FALSE(PairingHasEnded(v1::PAIRING_STATE_UNSPECIFIED));
  EXPECT_FALSE(PairingHasEnded(v1::PAIRING_STATE_PAUSED));
}

TEST(PairingStates, TheSecondAcceptanceIsTheOtherSides) {
  EXPECT_EQ(PairingActorOf(v1::PAIRING_STATE_AGENCY_ACCEPTED, v1::PAIRING_STATE_AGREED),
            PairingActor::kCounty);
  EXPECT_EQ(PairingActorOf(v1::PAIRING_STATE_COUNTY_ACCEPTED, v1::PAIRING_STATE_AGREED),
            PairingActor::kAgency);
  EXPECT_EQ(PairingActorOf(v1::PAIRING_STATE_PROPOSED, v1::PAIRING_STATE_AGREED), std::nullopt);
  EXPECT_EQ(PairingActorOf(v1::PAIRING_STATE_UNSPECIFIED, v1::PAIRING_STATE_AGENCY_ACCEPTED),
            PairingActor::kAgency);
}

}  // namespace
}  // namespace tandem::model
