// SPDX-License-Identifier: Apache-2.0

#include "service/pairing_methods.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/absl_strings.h"
#include "model/canonical.h"
#include "model/error.h"
#include "model/field_rules.h"
#include "model/record_rules.h"
#include "model/resource_name.h"
#include "model/round_windows.h"
#include "model/status_macros.h"
#include "service/activity_log.h"
#include "service/pairing_step.h"
#include "service/record_preparation.h"
#include "service/write_flow.h"
#include "tandem/v1/pairing_service.pb.h"

namespace tandem::service {
namespace {

using model::PairingVerb;
using model::Reason;
using model::RecordType;

// The pairing of a call as it is, and what its step needs to know.
struct StepContext {
  PairingStep step;
  DirectoryReader* reader;
  std::vector<catalog::RecordGuard> guards;
  v1::Round round;
};

// The last day when none is given, today on record: for work that was under way.
std::string TodayUnless(const std::string& given, const std::string& on_record,
                        const StepContext& context) {
  if (!given.empty()) return given;
  if (!on_record.empty()) return on_record;
  return model::DayInRound(context.round, context.step.now);
}

// Notes the acceptance of one side.
void NoteAcceptance(v1::PairingActor side, absl::Time now, v1::Pairing* pairing) {
  if (side == v1::PAIRING_ACTOR_AGENCY && !pairing->has_agency_accept_time()) {
    *pairing->mutable_agency_accept_time() = model::TimestampOf(now);
  }
  if (side == v1::PAIRING_ACTOR_COUNTY && !pairing->has_county_accept_time()) {
    *pairing->mutable_county_accept_time() = model::TimestampOf(now);
  }
}

// What every acceptance asks, by whichever verb it comes. Room is the committer's.
absl::Status CheckAcceptable(const v1::Pairing& pairing, StepContext* context) {
  RETURN_IF_ERROR(CheckInTime(pairing, context->round, context->step.now));
  return CheckSidesStand(pairing, context->reader, &context->guards);
}

// What each verb checks and writes beside the state.

absl::Status Write(const v1::AcceptPairingRequest& request, StepContext* context,
                   v1::Pairing* pairing) {
  RETURN_IF_ERROR(CheckAcceptable(*pairing, context));
  if (request.slots() > pairing->slots()) {
    return model::FieldsInvalid({{"slots", StrCat(request.slots(), " is more than the ",
                                                  pairing->slots(), " of the pairing")}});
  }
  if (pairing->proposed_slots() == 0) pairing->set_proposed_slots(pairing->slots());
  if (request.slots() > 0) pairing->set_slots(request.slots());
  NoteAcceptance(context->step.actor, context->step.now, pairing);
  return absl::OkStatus();
}

absl::Status Write(const v1::AgreePairingRequest& request, StepContext* context,
                   v1::Pairing* pairing) {
  if (pairing->state() != v1::PAIRING_STATE_AGREED) {
    RETURN_IF_ERROR(CheckAcceptable(*pairing, context));
    if (pairing->proposed_slots() == 0) pairing->set_proposed_slots(pairing->slots());
    // Both signed.
    NoteAcceptance(v1::PAIRING_ACTOR_AGENCY, context->step.now, pairing);
    NoteAcceptance(v1::PAIRING_ACTOR_COUNTY, context->step.now, pairing);
  }
  const std::string on_record = pairing->agreement().agreement_date();
  *pairing->mutable_agreement() = request.agreement();
  pairing->mutable_agreement()->set_agreement_date(
      TodayUnless(request.agreement().agreement_date(), on_record, *context));
  return absl::OkStatus();
}

absl::Status Write(const v1::ActivatePairingRequest& request, StepContext* context,
                   v1::Pairing* pairing) {
  pairing->set_start_date(TodayUnless(request.start_date(), pairing->start_date(), *context));
  return absl::OkStatus();
}

absl::Status Write(const v1::SupersedePairingRequest& request, StepContext* /*context*/,
                   v1::Pairing* pairing) {
  pairing->set_superseded_by(request.superseded_by());
  return absl::OkStatus();
}

// The other verbs write what EnterState writes.
template <typename Request>
absl::Status Write(const Request& /*request*/, StepContext* /*context*/, v1::Pairing* /*pairing*/) {
  return absl::OkStatus();
}

template <typename Request>
std::string ReasonOf(const Request& request) {
  if constexpr (requires { request.reason(); }) {
    return request.reason();
  } else {
    return "";
  }
}

template <typename Request>
std::string EndDateOf(const Request& request) {
  if constexpr (requires { request.end_date(); }) {
    return request.end_date();
  } else {
    return "";
  }
}

// The write of a changed pairing: checked like any record.
absl::StatusOr<catalog::PreparedWrite> WriteOf(const std::string& id, catalog::RowRef row,
                                               const v1::Pairing& pairing, const std::string& etag,
                                               absl::Time now, DirectoryReader* reader) {
  v1::Pairing checked = pairing;
  model::ClearTail(&checked);
  std::vector<model::FieldViolation> violations;
  model::CheckRecord(RecordType::kPairing, &checked, "", &violations);
  if (!violations.empty()) return model::FieldsInvalid(violations);
  ASSIGN_OR_RETURN(
      Preparation prepared,
      PrepareReplacement({model::FindResource(RecordType::kPairing), "", now, reader}, id,
                         row.revision(), std::make_unique<v1::Pairing>(pairing), etag));
  catalog::PreparedWrite write;
  write.records.push_back(std::move(prepared.record));
  return write;
}

absl::StatusOr<v1::Pairing> ReadLive(const std::string& id, DirectoryReader* reader,
                                     catalog::RowRef* row) {
  ASSIGN_OR_RETURN(*row, reader->Find(RecordType::kPairing, id));
  if (row->deleted()) return NotFound(RecordType::kPairing, id);
  ASSIGN_OR_RETURN(const v1::Pairing* pairing,
                   reader->ReadAs<v1::Pairing>(RecordType::kPairing, id));
  return *pairing;
}

template <typename Request>
absl::StatusOr<catalog::PreparedWrite> PrepareStep(const Request& request, const std::string& id,
                                                   PairingStep step, DirectoryReader* reader) {
  catalog::RowRef row;
  ASSIGN_OR_RETURN(v1::Pairing pairing, ReadLive(id, reader, &row));
  ASSIGN_OR_RETURN(v1::PairingState to, NextState(pairing, step));
  StepContext context{step, reader, {}, {}};
  ASSIGN_OR_RETURN(context.round, RoundOf(pairing, reader, &context.guards));
  RETURN_IF_ERROR(Write(request, &context, &pairing));
  EnterState(to, step, context.round, ReasonOf(request), EndDateOf(request), &pairing);
  ASSIGN_OR_RETURN(catalog::PreparedWrite write,
                   WriteOf(id, row, pairing, request.etag(), step.now, reader));
  write.guards = std::move(context.guards);
  return write;
}

// Reads the request, holds it to its fields' rules and to the caller's rights, and runs `prepare`.
template <typename Request, typename Prepare>
void HandlePairingWrite(std::shared_ptr<UnaryCall> call, Prepare prepare) {
  auto request = std::make_shared<Request>();
  if (absl::Status parsed = call->Parse(request.get()); !parsed.ok()) return call->Fail(parsed);
  if (absl::Status allowed = call->Authorise({&request->name(), 1}); !allowed.ok()) {
    return call->Fail(allowed);
  }
  absl::StatusOr<std::string> id = model::ParseNameOf(RecordType::kPairing, request->name());
  if (!id.ok()) return call->Fail(id.status());
  // Before the rules put texts into their normal form: the same bytes are the same request.
  absl::StatusOr<WriteIdentity> identity = IdentityOf(*request);
  if (!identity.ok()) return call->Fail(identity.status());
  std::vector<model::FieldViolation> violations;
  model::CheckFields(request.get(), "", &violations);
  if (!violations.empty()) return call->Fail(model::FieldsInvalid(violations));
  UnaryCall* raw = call.get();
  RunWrite(std::move(call), *std::move(identity),
           [raw, request, prepare, id = *std::move(id)](DirectoryReader* reader) {
             return prepare(*request, id, raw->directory().clock->Now(), reader);
           });
}

template <typename Request, PairingVerb verb>
void HandleVerb(std::shared_ptr<UnaryCall> call) {
  HandlePairingWrite<Request>(
      std::move(call),
      [](const Request& request, const std::string& id, absl::Time now,
         DirectoryReader* reader) -> absl::StatusOr<catalog::PreparedWrite> {
        v1::PairingActor actor = request.actor();
        if (actor == v1::PAIRING_ACTOR_UNSPECIFIED) actor = v1::PAIRING_ACTOR_COORDINATOR;
        if (actor == v1::PAIRING_ACTOR_SERVER) {
          return model::FieldsInvalid({{"actor", "is the server; no caller is"}});
        }
        return PrepareStep(request, id, {verb, actor, now}, reader);
      });
}

absl::StatusOr<catalog::PreparedWrite> PrepareFollowUp(const v1::RecordFollowUpRequest& request,
                                                       const std::string& id, absl::Time now,
                                                       DirectoryReader* reader) {
  if (!model::IsFollowUpDay(request.follow_up().day())) {
    return model::FieldsInvalid(
        {{"follow_up.day", StrCat(request.follow_up().day(), " is none of 30, 90, 180, 365")}});
  }
  catalog::RowRef row;
  ASSIGN_OR_RETURN(v1::Pairing pairing, ReadLive(id, reader, &row));
  if (pairing.start_date().empty()) {
    return model::PreconditionError(
        Reason::kStateWrong,
        StrCat(pairing.name(), " is ", model::PairingStateText(pairing.state()),
               ": its work has not begun, there is nothing to look back at"),
        "PAIRING_STATE", {pairing.name()},
        {{"name", pairing.name()}, {"state", model::PairingStateText(pairing.state())}});
  }
  std::vector<catalog::RecordGuard> guards;
  ASSIGN_OR_RETURN(v1::Round round, RoundOf(pairing, reader, &guards));
  v1::FollowUp follow_up = request.follow_up();
  if (follow_up.follow_up_date().empty()) {
    follow_up.set_follow_up_date(model::DayInRound(round, now));
  }
  // By day, so that the order does not tell who was late.
  auto* all = pairing.mutable_follow_ups();
  int at = 0;
  while (at < all->size() && all->Get(at).day() < follow_up.day()) ++at;
  if (at == all->size() || all->Get(at).day() != follow_up.day()) {
    all->Add();
    for (int i = all->size() - 1; i > at; --i) all->SwapElements(i, i - 1);
  }
  *all->Mutable(at) = std::move(follow_up);
  return WriteOf(id, row, pairing, request.etag(), now, reader);
}

void HandleRecordFollowUp(std::shared_ptr<UnaryCall> call) {
  HandlePairingWrite<v1::RecordFollowUpRequest>(std::move(call), PrepareFollowUp);
}

}  // namespace

void AddPairingMethods(HandlerTable* table) {
  auto add = [table](std::string_view method, UnaryHandler handler) {
    table->unary.emplace(StrCat("tandem.v1.PairingService/", method), std::move(handler));
  };
  add("AcceptPairing", HandleVerb<v1::AcceptPairingRequest, PairingVerb::kAccept>);
  add("DeclinePairing", HandleVerb<v1::DeclinePairingRequest, PairingVerb::kDecline>);
  add("AgreePairing", HandleVerb<v1::AgreePairingRequest, PairingVerb::kAgree>);
  add("ActivatePairing", HandleVerb<v1::ActivatePairingRequest, PairingVerb::kActivate>);
  add("PausePairing", HandleVerb<v1::PausePairingRequest, PairingVerb::kPause>);
  add("ResumePairing", HandleVerb<v1::ResumePairingRequest, PairingVerb::kResume>);
  add("CompletePairing", HandleVerb<v1::CompletePairingRequest, PairingVerb::kComplete>);
  add("WithdrawPairing", HandleVerb<v1::WithdrawPairingRequest, PairingVerb::kWithdraw>);
  add("FailPairing", HandleVerb<v1::FailPairingRequest, PairingVerb::kFail>);
  add("SupersedePairing", HandleVerb<v1::SupersedePairingRequest, PairingVerb::kSupersede>);
  add("RecordFollowUp", HandleRecordFollowUp);
  add("BatchLogActivities", HandleBatchLogActivities);
}

}  // namespace tandem::service
