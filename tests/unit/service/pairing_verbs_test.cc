// SPDX-License-Identifier: Apache-2.0

// What each verb of a pairing's life writes and refuses, one after the other; random sequences are
// in pairing_model_test.cc, parallel ones in pairing_room_test.cc.

#include <string>

#include "gtest/gtest.h"
#include "model/resource_name.h"
#include "model/round_windows.h"
#include "pairing_case.h"

namespace tandem::service {
namespace {

using v1::Pairing;

class PairingVerbsTest : public ProposedPairing {};

TEST_F(PairingVerbsTest, ALifeFromProposalToCompletion) {
  EXPECT_EQ(Get("p").state(), v1::PAIRING_STATE_PROPOSED);
  const absl::Time first = clock().Now();
  Pairing pairing = Accept("p", v1::PAIRING_ACTOR_COUNTY, 2).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_COUNTY_ACCEPTED);
  EXPECT_EQ(pairing.slots(), 2);
  EXPECT_EQ(pairing.proposed_slots(), 3);
  EXPECT_EQ(model::TimeOf(pairing.county_accept_time()), first);
  EXPECT_FALSE(pairing.has_agency_accept_time());
  clock().Advance(absl::Hours(24));
  pairing = Accept("p", v1::PAIRING_ACTOR_AGENCY, 1).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_AGREED);
  EXPECT_EQ(pairing.slots(), 1);
  EXPECT_EQ(pairing.proposed_slots(), 3);
  EXPECT_EQ(model::TimeOf(pairing.agency_accept_time()), clock().Now());
  EXPECT_EQ(model::TimeOf(pairing.county_accept_time()), first);
  EXPECT_FALSE(pairing.has_agreement());

  v1::AgreePairingRequest agree;
  agree.mutable_agreement()->set_reference("协议 2023-17");
  pairing = Do("AgreePairing", agree).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_AGREED);
  EXPECT_EQ(pairing.agreement().reference(), "协议 2023-17");
  EXPECT_EQ(pairing.agreement().agreement_date(), "2023-11-15");
  // The paper's number is corrected; its date stays.
  clock().Advance(absl::Hours(24));
  agree.mutable_agreement()->set_reference("协议 2023-18");
  pairing = Do("AgreePairing", agree).As<Pairing>();
  EXPECT_EQ(pairing.agreement().agreement_date(), "2023-11-15");
  EXPECT_EQ(pairing.agreement().reference(), "协议 2023-18");

  pairing = Do("ActivatePairing", v1::ActivatePairingRequest()).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_ACTIVE);
  EXPECT_EQ(pairing.start_date(), "2023-11-16");
  v1::PausePairingRequest pause;
  pause.set_reason("大雪封山");
  pairing = Do("PausePairing", pause).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_PAUSED);
  EXPECT_EQ(pairing.pause_reason(), "大雪封山");
  pairing = Do("ResumePairing", v1::ResumePairingRequest()).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_ACTIVE);
  EXPECT_EQ(pairing.pause_reason(), "");
  v1::CompletePairingRequest complete;
  complete.set_actor(v1::PAIRING_ACTOR_COUNTY);
  complete.set_end_date("2024-11-15");
  pairing = Do("CompletePairing", complete).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_COMPLETED);
  EXPECT_EQ(pairing.end_date(), "2024-11-15");
  EXPECT_EQ(pairing.ended_by(), v1::PAIRING_ACTOR_COUNTY);
  EXPECT_EQ(pairing.ended_reason(), "");
}

// The paper shows that the other side accepts.
TEST_F(PairingVerbsTest, ASignedAgreementIsTheOtherSidesYes) {
  ASSERT_TRUE(Accept("p", v1::PAIRING_ACTOR_AGENCY).ok());
  v1::AgreePairingRequest agree;
  agree.mutable_agreement()->set_agreement_date("2023-11-01");
  Pairing pairing = Do("AgreePairing", agree).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_AGREED);
  EXPECT_TRUE(pairing.has_county_accept_time());
  EXPECT_EQ(pairing.agreement().agreement_date(), "2023-11-01");
}

TEST_F(PairingVerbsTest, AnEndingSaysWhoAndWhy) {
  v1::DeclinePairingRequest decline;
  decline.set_actor(v1::PAIRING_ACTOR_AGENCY);
  decline.set_reason("no workers left");
  Pairing pairing = Do("DeclinePairing", decline).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_DECLINED);
  EXPECT_EQ(pairing.ended_by(), v1::PAIRING_ACTOR_AGENCY);
  EXPECT_EQ(pairing.ended_reason(), "no workers left");
  // It never began, so it has no days.
  EXPECT_EQ(pairing.start_date(), "");
  EXPECT_EQ(pairing.end_date(), "");
  CallResult again = Accept("p", v1::PAIRING_ACTOR_COUNTY);
  EXPECT_EQ(again.reason(), "STATE_WRONG");
  EXPECT_EQ(again.Metadata("state"), "DECLINED");
  EXPECT_EQ(again.Metadata("verbs"), "");
}

TEST_F(PairingVerbsTest, WorkThatBreaksOffEndsToday) {
  Agree();
  v1::ActivatePairingRequest activate;
  activate.set_start_date("2023-10-01");
  ASSERT_TRUE(Do("ActivatePairing", activate).ok());
  v1::FailPairingRequest fail;
  fail.set_reason("both workers fell ill");
  Pairing pairing = Do("FailPairing", fail).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_FAILED);
  EXPECT_EQ(pairing.end_date(), "2023-11-14");
  EXPECT_EQ(pairing.ended_by(), v1::PAIRING_ACTOR_COORDINATOR);
}

TEST_F(PairingVerbsTest, ASupersededPairingNamesItsSuccessor) {
  ASSERT_TRUE(Propose("q", Between("o", "n", 1)).ok());
  v1::SupersedePairingRequest supersede;
  supersede.set_superseded_by("pairings/nowhere");
  EXPECT_EQ(Do("SupersedePairing", supersede).reason(), "REFERENCE_MISSING");
  supersede.set_superseded_by("pairings/p");
  EXPECT_EQ(FirstField(Do("SupersedePairing", supersede)), "superseded_by");
  supersede.set_superseded_by("pairings/q");
  Pairing pairing = Do("SupersedePairing", supersede).As<Pairing>();
  EXPECT_EQ(pairing.state(), v1::PAIRING_STATE_SUPERSEDED);
  EXPECT_EQ(pairing.superseded_by(), "pairings/q");
}

TEST_F(PairingVerbsTest, WhatTheStateOrTheActorDoesNotAllowIsNamed) {
  CallResult early = Do("ActivatePairing", v1::ActivatePairingRequest());
  EXPECT_EQ(early.reason(), "STATE_WRONG");
  EXPECT_EQ(early.Metadata("state"), "PROPOSED");
  EXPECT_EQ(early.Metadata("verbs"), "accept, decline, withdraw, supersede");
  ASSERT_TRUE(Accept("p", v1::PAIRING_ACTOR_AGENCY).ok());
  CallResult twice = Accept("p", v1::PAIRING_ACTOR_AGENCY);
  EXPECT_EQ(twice.reason(), "PERMISSION_DENIED");
  EXPECT_EQ(twice.Metadata("actors"), "county");
  EXPECT_EQ(twice.Metadata("actor"), "agency");
}

TEST_F(PairingVerbsTest, WrongRequestsNameTheField) {
  EXPECT_EQ(FirstField(Accept("p", v1::PAIRING_ACTOR_UNSPECIFIED)), "actor");
  EXPECT_EQ(FirstField(Accept("p", static_cast<v1::PairingActor>(9))), "actor");
  EXPECT_EQ(FirstField(Accept("p", v1::PAIRING_ACTOR_SERVER)), "actor");
  EXPECT_EQ(FirstField(Accept("p", v1::PAIRING_ACTOR_AGENCY, 4)), "slots");
  EXPECT_EQ(FirstField(Accept("p", v1::PAIRING_ACTOR_AGENCY, -1)), "slots");
  v1::DeclinePairingRequest decline;
  decline.set_actor(v1::PAIRING_ACTOR_AGENCY);
  EXPECT_EQ(FirstField(Do("DeclinePairing", decline)), "reason");
  decline.set_reason(std::string(1001, 'x'));
  EXPECT_EQ(FirstField(Do("DeclinePairing", decline)), "reason");
  decline.set_name("agencies/p");
  EXPECT_EQ(FirstField(Do("DeclinePairing", decline)), "name");
  decline.set_name("pairings/none");
  decline.set_reason(std::string(1000, 'x'));
  EXPECT_EQ(Do("DeclinePairing", decline).reason(), "RESOURCE_NOT_FOUND");
  Agree();
  v1::ActivatePairingRequest activate;
  activate.set_start_date("2023-02-29");
  EXPECT_EQ(FirstField(Do("ActivatePairing", activate)), "start_date");
  activate.set_start_date("2023-03-01");
  ASSERT_TRUE(Do("ActivatePairing", activate).ok());
  v1::CompletePairingRequest complete;
  complete.set_end_date("2023-02-28");
  EXPECT_EQ(FirstField(Do("CompletePairing", complete)), "end_date");
  // Nothing of all that was written.
  EXPECT_EQ(Get("p").state(), v1::PAIRING_STATE_ACTIVE);
}

TEST_F(PairingVerbsTest, ARepeatedRequestIdAnswersWhatTheFirstDid) {
  v1::AcceptPairingRequest accept;
  accept.set_name("pairings/p");
  accept.set_actor(v1::PAIRING_ACTOR_AGENCY);
  accept.set_slots(2);
  accept.set_request_id(model::MakeUuid());
  const std::string first = CallOk(PairingMethod("AcceptPairing"), accept).bytes;
  EXPECT_EQ(CallOk(PairingMethod("AcceptPairing"), accept).bytes, first);
  accept.set_slots(1);
  EXPECT_EQ(Call(PairingMethod("AcceptPairing"), accept).reason(), "REQUEST_ID_REUSED");
}

TEST_F(PairingVerbsTest, AnEtagMustBeCurrent) {
  v1::AcceptPairingRequest accept;
  accept.set_actor(v1::PAIRING_ACTOR_COUNTY);
  accept.set_etag(Get("p").etag());
  ASSERT_TRUE(Do("AcceptPairing", accept).ok());
  accept.set_actor(v1::PAIRING_ACTOR_AGENCY);
  EXPECT_EQ(Do("AcceptPairing", accept).reason(), "ETAG_MISMATCH");
}

TEST_F(PairingVerbsTest, FollowUpsAreKeptByDay) {
  v1::RecordFollowUpRequest request;
  request.mutable_follow_up()->set_day(90);
  EXPECT_EQ(Do("RecordFollowUp", request).reason(), "STATE_WRONG");
  Agree();
  ASSERT_TRUE(Do("ActivatePairing", v1::ActivatePairingRequest()).ok());
  request.mutable_follow_up()->set_finding("going well");
  Pairing pairing = Do("RecordFollowUp", request).As<Pairing>();
  ASSERT_EQ(pairing.follow_ups_size(), 1);
  EXPECT_EQ(pairing.follow_ups(0).follow_up_date(), "2023-11-14");
  for (int day : {365, 30, 180}) {
    request.mutable_follow_up()->set_day(day);
    EXPECT_TRUE(Do("RecordFollowUp", request).ok());
  }
  request.mutable_follow_up()->set_day(30);
  request.mutable_follow_up()->set_finding("looked at again");
  request.mutable_follow_up()->set_follow_up_date("2023-12-14");
  pairing = Do("RecordFollowUp", request).As<Pairing>();
  ASSERT_EQ(pairing.follow_ups_size(), 4);
  const int days[] = {30, 90, 180, 365};
  for (int i = 0; i < 4; ++i) EXPECT_EQ(pairing.follow_ups(i).day(), days[i]);
  EXPECT_EQ(pairing.follow_ups(0).finding(), "looked at again");
  EXPECT_EQ(pairing.follow_ups(0).follow_up_date(), "2023-12-14");
  EXPECT_EQ(pairing.follow_ups(1).finding(), "going well");
  request.mutable_follow_up()->set_day(31);
  EXPECT_EQ(FirstField(Do("RecordFollowUp", request)), "follow_up.day");
  EXPECT_EQ(FirstField(Do("RecordFollowUp", v1::RecordFollowUpRequest())), "follow_up");
}

}  // namespace
}  // namespace tandem::service
