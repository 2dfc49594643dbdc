// SPDX-License-Identifier: Apache-2.0

// The deadline of a round: acceptances after it are refused, and what nobody answered lapses.

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "model/round_windows.h"
#include "pairing_case.h"
#include "service/pairing_lapse.h"
#include "service/record_preparation.h"

namespace tandem::service {
namespace {

using v1::Pairing;

class PairingDeadlineTest : public ProposedPairing {};

TEST_F(PairingDeadlineTest, AnAcceptanceMustComeBeforeTheDeadline) {
  ASSERT_TRUE(Propose("late", Between("", "", 1)).ok());
  ASSERT_TRUE(Propose("signed", Between("", "", 1)).ok());
  ASSERT_TRUE(Accept("signed", v1::PAIRING_ACTOR_AGENCY).ok());
  const absl::Time deadline = clock().Now() + absl::Hours(1);
  // The confirm window counts, not the review before it.
  SetDeadlines(deadline, clock().Now() + absl::Minutes(1));
  clock().Advance(absl::Hours(1) - absl::Nanoseconds(1));
  EXPECT_TRUE(Accept("p", v1::PAIRING_ACTOR_AGENCY).ok());
  clock().Advance(absl::Nanoseconds(1));
  CallResult late = Accept("late", v1::PAIRING_ACTOR_AGENCY);
  EXPECT_EQ(late.reason(), "WINDOW_CLOSED");
  EXPECT_EQ(late.Metadata("deadline"), model::TimeText(deadline));
  EXPECT_EQ(Accept("p", v1::PAIRING_ACTOR_COUNTY).reason(), "WINDOW_CLOSED");
  v1::AgreePairingRequest agree;
  agree.set_name("pairings/signed");
  EXPECT_EQ(Do("AgreePairing", agree).reason(), "WINDOW_CLOSED");
  // A no is welcome at any time.
  v1::DeclinePairingRequest decline;
  decline.set_name("pairings/late");
  decline.set_actor(v1::PAIRING_ACTOR_COUNTY);
  decline.set_reason("too late anyway");
  EXPECT_TRUE(Do("DeclinePairing", decline).ok());
}

// An acceptance that was prepared before the deadline moved is prepared again.
TEST_F(PairingDeadlineTest, ADeadlineThatMovesMeanwhileCounts) {
  committer().BeforeNextWrite([this](const catalog::PreparedWrite&) {
    // On the committer beside, as the services' own is in the middle of the acceptance.
    DirectoryReader reader(directory(), /*may_block=*/true);
    absl::StatusOr<const v1::Round*> round =
        reader.ReadAs<v1::Round>(model::RecordType::kRound, "r");
    ASSERT_TRUE(round.ok());
    auto moved = std::make_unique<v1::Round>(**round);
    moved->mutable_confirm_window()->mutable_end_time()->set_seconds(
        absl::ToUnixSeconds(clock().Now()) - 1);
    catalog::PreparedWrite write;
    auto prepared = PrepareReplacement(
        {model::FindResource(model::RecordType::kRound), "", clock().Now(), &reader}, "r",
        reader.Find(model::RecordType::kRound, "r")->revision(), std::move(moved), "");
    ASSERT_TRUE(prepared.ok());
    write.records.push_back(std::move(prepared->record));
    ASSERT_TRUE(other_committer().Commit(std::move(write)).ok());
  });
  EXPECT_EQ(Accept("p", v1::PAIRING_ACTOR_AGENCY).reason(), "WINDOW_CLOSED");
}

TEST_F(PairingDeadlineTest, ProposalsLapseAtTheDeadline) {
  ASSERT_TRUE(Propose("half", Between("o", "", 1)).ok());
  ASSERT_TRUE(Accept("half", v1::PAIRING_ACTOR_AGENCY).ok());
  ASSERT_TRUE(Propose("whole", Between("o", "", 1)).ok());
  ASSERT_TRUE(Accept("whole", v1::PAIRING_ACTOR_AGENCY).ok());
  ASSERT_TRUE(Accept("whole", v1::PAIRING_ACTOR_COUNTY).ok());
  Pairing standing = Between("", "", 1);
  standing.clear_round();
  ASSERT_TRUE(Propose("standing", standing).ok());
  const absl::Time deadline = clock().Now() + absl::Hours(1);
  SetDeadlines(absl::InfiniteFuture(), deadline);
  clock().Advance(absl::Hours(1) - absl::Nanoseconds(1));
  EXPECT_EQ(*LapseProposals(directory(), 100), 0);
  clock().Advance(absl::Nanoseconds(1));
  // In batches, and no more than there are.
  EXPECT_EQ(*LapseProposals(directory(), 1), 1);
  EXPECT_EQ(*LapseProposals(directory(), 1), 1);
  EXPECT_EQ(*LapseProposals(directory(), 1), 0);
  EXPECT_EQ(Get("whole").state(), v1::PAIRING_STATE_AGREED);
  EXPECT_EQ(Get("standing").state(), v1::PAIRING_STATE_PROPOSED);
  for (const char* id : {"p", "half"}) {
    Pairing lapsed = Get(id);
    EXPECT_EQ(lapsed.state(), v1::PAIRING_STATE_LAPSED);
    EXPECT_EQ(lapsed.ended_by(), v1::PAIRING_ACTOR_SERVER);
    EXPECT_EQ(lapsed.ended_reason(), StrCat("not answered until ", model::TimeText(deadline)));
  }
}

}  // namespace
}  // namespace tandem::service
