// SPDX-License-Identifier: Apache-2.0

// A round with an offer and a need, and the pairings between them, for the pairing tests of this
// folder.
#pragma once

#include <string>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "model/absl_strings.h"
#include "service_fixture.h"
#include "tandem/v1/agency_service.pb.h"
#include "tandem/v1/need_service.pb.h"
#include "tandem/v1/offer_service.pb.h"
#include "tandem/v1/pairing_service.grpc.pb.h"
#include "tandem/v1/region_service.pb.h"
#include "tandem/v1/round_service.pb.h"
#include "tandem/v1/service_category_service.pb.h"

namespace tandem::service {

inline std::string PairingMethod(std::string_view name) {
  return StrCat("tandem.v1.PairingService/", name);
}

class PairingCase : public ServiceFixture {
 protected:
  // An assisting and a receiving agency, a county, a field; an open round "r" without windows.
  PairingCase() {
    for (const char* id : {"east", "west"}) {
      v1::CreateAgencyRequest agency;
      agency.set_agency_id(id);
      agency.mutable_agency()->set_display_name(id);
      CallOk("tandem.v1.AgencyService/CreateAgency", agency);
    }
    v1::CreateRegionRequest region;
    region.set_region_id("county");
    region.mutable_region()->set_display_name("county");
    region.mutable_region()->set_code("1");
    region.mutable_region()->set_level(v1::REGION_LEVEL_COUNTY);
    CallOk("tandem.v1.RegionService/CreateRegion", region);
    v1::CreateServiceCategoryRequest category;
    category.set_service_category_id("elderly");
    category.mutable_service_category()->set_display_name("elderly");
    category.mutable_service_category()->set_taxonomy("fields");
    CallOk("tandem.v1.ServiceCategoryService/CreateServiceCategory", category);
    v1::CreateRoundRequest round;
    round.set_round_id("r");
    round.mutable_round()->set_display_name("r");
    CallOk("tandem.v1.RoundService/CreateRound", round);
    v1::OpenRoundRequest open;
    open.set_name("rounds/r");
    CallOk("tandem.v1.RoundService/OpenRound", open);
  }

  void MakeOffer(const std::string& id, int64_t slots) {
    v1::CreateOfferRequest request;
    request.set_offer_id(id);
    request.mutable_offer()->set_round("rounds/r");
    request.mutable_offer()->set_agency("agencies/east");
    request.mutable_offer()->set_slots(slots);
    CallOk("tandem.v1.OfferService/CreateOffer", request);
  }

  void MakeNeed(const std::string& id, int64_t slots) {
    v1::CreateNeedRequest request;
    request.set_need_id(id);
    request.mutable_need()->set_round("rounds/r");
    request.mutable_need()->set_region("regions/county");
    request.mutable_need()->set_category("serviceCategories/elderly");
    request.mutable_need()->set_slots(slots);
    CallOk("tandem.v1.NeedService/CreateNeed", request);
  }

  // A pairing of this offer and need, each "" for none.
  static v1::Pairing Between(const std::string& offer, const std::string& need, int64_t slots) {
    v1::Pairing pairing;
    pairing.set_round("rounds/r");
    pairing.set_agency("agencies/east");
    pairing.set_slots(slots);
    if (!offer.empty()) pairing.set_offer("offers/" + offer);
    if (!need.empty()) pairing.set_need("needs/" + need);
    return pairing;
  }

  CallResult Propose(const std::string& id, const v1::Pairing& pairing) {
    v1::CreatePairingRequest request;
    request.set_pairing_id(id);
    *request.mutable_pairing() = pairing;
    return Call(PairingMethod("CreatePairing"), request);
  }

  // Imports one pairing; "OK" or the reason it was refused for.
  std::string Import(const std::string& id, v1::Pairing pairing,
                     v1::ImportConflictRule rule = v1::IMPORT_CONFLICT_RULE_REPLACE) {
    auto stub = v1::PairingService::NewStub(channel());
    grpc::ClientContext context;
    auto stream = stub->ImportPairings(&context);
    v1::ImportPairingsRequest request;
    request.mutable_options()->set_on_conflict(rule);
    request.set_first_number(1);
    pairing.set_name("pairings/" + id);
    *request.add_pairings() = std::move(pairing);
    stream->Write(request);
    stream->WritesDone();
    std::string outcome = "no answer";
    v1::ImportResponse response;
    while (stream->Read(&response)) {
      outcome = response.errors_size() > 0 ? response.errors(0).reason() : "OK";
    }
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return outcome;
  }

  v1::Pairing Get(const std::string& id) {
    v1::GetPairingRequest request;
    request.set_name("pairings/" + id);
    return CallOk(PairingMethod("GetPairing"), request).As<v1::Pairing>();
  }

  CallResult Accept(const std::string& id, v1::PairingActor actor, int64_t slots = 0) {
    v1::AcceptPairingRequest request;
    request.set_name("pairings/" + id);
    request.set_actor(actor);
    request.set_slots(slots);
    return Call(PairingMethod("AcceptPairing"), request);
  }

  template <typename Request>
  CallResult Send(std::string_view method, const std::string& id, v1::PairingActor actor,
                  Request request = {}) {
    request.set_name("pairings/" + id);
    request.set_actor(actor);
    return Call(PairingMethod(method), request);
  }

  // Any verb by its word; endings get a reason.
  CallResult Say(const std::string& verb, const std::string& id, v1::PairingActor actor,
                 int64_t slots = 0) {
    if (verb == "accept") return Accept(id, actor, slots);
    if (verb == "agree") return Send<v1::AgreePairingRequest>("AgreePairing", id, actor);
    if (verb == "activate") return Send<v1::ActivatePairingRequest>("ActivatePairing", id, actor);
    if (verb == "pause") return Send<v1::PausePairingRequest>("PausePairing", id, actor);
    if (verb == "resume") return Send<v1::ResumePairingRequest>("ResumePairing", id, actor);
    if (verb == "complete") return Send<v1::CompletePairingRequest>("CompletePairing", id, actor);
    if (verb == "supersede") {
      return Send<v1::SupersedePairingRequest>("SupersedePairing", id, actor);
    }
    auto with_reason = [](auto request) {
      request.set_reason("because");
      return request;
    };
    if (verb == "decline") {
      return Send("DeclinePairing", id, actor, with_reason(v1::DeclinePairingRequest()));
    }
    if (verb == "withdraw") {
      return Send("WithdrawPairing", id, actor, with_reason(v1::WithdrawPairingRequest()));
    }
    return Send("FailPairing", id, actor, with_reason(v1::FailPairingRequest()));
  }

  // Moves the ends of the round's windows; infinite takes the window away.
  void SetDeadlines(absl::Time confirm_end, absl::Time review_end) {
    v1::UpdateRoundRequest request;
    request.mutable_round()->set_name("rounds/r");
    auto set = [](absl::Time end, v1::TimeWindow* window) {
      window->mutable_end_time()->set_seconds(absl::ToUnixSeconds(end));
    };
    if (confirm_end != absl::InfiniteFuture()) {
      set(confirm_end, request.mutable_round()->mutable_confirm_window());
    }
    if (review_end != absl::InfiniteFuture()) {
      set(review_end, request.mutable_round()->mutable_review_window());
    }
    request.mutable_update_mask()->add_paths("confirm_window");
    request.mutable_update_mask()->add_paths("review_window");
    CallOk("tandem.v1.RoundService/UpdateRound", request);
  }
};

// The proposal "p" of 3 slots between the offer "o" and the need "n" of 3 slots each.
class ProposedPairing : public PairingCase {
 protected:
  ProposedPairing() {
    MakeOffer("o", 3);
    MakeNeed("n", 3);
    EXPECT_TRUE(Propose("p", Between("o", "n", 3)).ok());
  }

  // Calls a method, on "p" unless the request names another.
  template <typename Request>
  CallResult Do(std::string_view method, const Request& filled) {
    Request request = filled;
    if (request.name().empty()) request.set_name("pairings/p");
    return Call(PairingMethod(method), request);
  }

  // Both accept.
  void Agree() {
    ASSERT_TRUE(Accept("p", v1::PAIRING_ACTOR_AGENCY).ok());
    ASSERT_TRUE(Accept("p", v1::PAIRING_ACTOR_COUNTY).ok());
  }

  // The first wrong field an error names.
  std::string FirstField(const CallResult& result) {
    auto bad_request = result.FindDetail<google::rpc::BadRequest>();
    return bad_request && bad_request->field_violations_size() > 0
               ? bad_request->field_violations(0).field()
               : "";
  }
};

}  // namespace tandem::service
