// SPDX-License-Identifier: Apache-2.0

// Who may write where a pairing stands: an import that brings it along, never an update.

#include <string>

#include "gtest/gtest.h"
#include "pairing_case.h"

namespace tandem::service {
namespace {

using v1::Pairing;

class PairingImportTest : public ProposedPairing {};

TEST_F(PairingImportTest, AnUpdateMovesNoState) {
  v1::UpdatePairingRequest update;
  update.mutable_pairing()->set_name("pairings/p");
  update.mutable_pairing()->set_state(v1::PAIRING_STATE_ACTIVE);
  update.mutable_pairing()->set_proposed_slots(100);
  update.mutable_pairing()->set_display_name("named");
  Pairing pairing = CallOk(PairingMethod("UpdatePairing"), update).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_PROPOSED);
  EXPECT_EQ(pairing.proposed_slots(), 0);
  EXPECT_EQ(pairing.display_name(), "named");
  Pairing running = Between("", "", 1);
  running.set_state(v1::PAIRING_STATE_ACTIVE);
  EXPECT_EQ(Propose("new", running).As<Pairing>().state(), v1::PAIRING_STATE_PROPOSED);
}

TEST_F(PairingImportTest, WhatASideAcceptedIsFixed) {
  v1::UpdatePairingRequest update;
  update.mutable_pairing()->set_name("pairings/p");
  update.mutable_pairing()->set_slots(2);
  CallOk(PairingMethod("UpdatePairing"), update);
  ASSERT_TRUE(Accept("p", v1::PAIRING_ACTOR_AGENCY).ok());
  update.mutable_pairing()->set_slots(1);
  CallResult refused = Call(PairingMethod("UpdatePairing"), update);
  EXPECT_EQ(refused.reason(), "STATE_WRONG");
  EXPECT_EQ(refused.Metadata("field"), "slots");
  // What is reached is written for as long as there is something to write.
  update.mutable_pairing()->set_slots(2);
  v1::Measure* actual = update.mutable_pairing()->add_actuals();
  actual->set_measure("people_served");
  actual->set_value(170);
  EXPECT_EQ(CallOk(PairingMethod("UpdatePairing"), update).As<Pairing>().actuals(0).value(), 170);
}

TEST_F(PairingImportTest, AnImportKeepsTheLifeOfAPairing) {
  Pairing old = Between("", "", 2);
  old.clear_round();
  old.set_state(v1::PAIRING_STATE_COMPLETED);
  old.set_start_date("2018-03-01");
  old.set_end_date("2020-12-31");
  old.set_ended_reason("goals reached");
  old.set_proposed_slots(3);
  old.mutable_agreement()->set_reference("2018-4");
  EXPECT_EQ(Import("old", old), "OK");
  Pairing stored = Get("old");
  EXPECT_EQ(stored.state(), v1::PAIRING_STATE_COMPLETED);
  EXPECT_EQ(stored.proposed_slots(), 3);
  EXPECT_EQ(stored.agreement().reference(), "2018-4");
  // The same again changes nothing.
  EXPECT_EQ(Import("old", old), "OK");
  EXPECT_EQ(Get("old").etag(), stored.etag());
  // uid and times are not the import's to write.
  old.set_uid("given");
  EXPECT_EQ(Import("old", old), "OK");
  EXPECT_EQ(Get("old").etag(), stored.etag());
  Pairing bare = Between("", "", 1);
  EXPECT_EQ(Import("bare", bare), "OK");
  EXPECT_EQ(Get("bare").state(), v1::PAIRING_STATE_PROPOSED);
}

// A nightly file that knows of the proposal only takes nothing back.
TEST_F(PairingImportTest, AnImportOfTheProposalLeavesItsLifeAlone) {
  ASSERT_TRUE(Accept("p", v1::PAIRING_ACTOR_AGENCY, 2).ok());
  Pairing proposal = Between("o", "n", 3);
  proposal.set_display_name("renamed");
  EXPECT_EQ(Import("p", proposal), "OK");
  Pairing stored = Get("p");
  EXPECT_EQ(stored.state(), v1::PAIRING_STATE_AGENCY_ACCEPTED);
  EXPECT_EQ(stored.slots(), 2);
  EXPECT_EQ(stored.proposed_slots(), 3);
  EXPECT_EQ(stored.display_name(), "renamed");
  // One that knows more is believed.
  proposal.set_state(v1::PAIRING_STATE_ACTIVE);
  proposal.set_start_date("2023-11-01");
  EXPECT_EQ(Import("p", proposal), "OK");
  EXPECT_EQ(Get("p").state(), v1::PAIRING_STATE_ACTIVE);
  EXPECT_EQ(Get("p").slots(), 3);
}

}  // namespace
}  // namespace tandem::service
