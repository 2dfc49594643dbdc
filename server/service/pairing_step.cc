// SPDX-License-Identifier: Apache-2.0

#include "service/pairing_step.h"

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"
#include "model/round_windows.h"
#include "model/status_macros.h"
#include "tandem/v1/need.pb.h"
#include "tandem/v1/offer.pb.h"

namespace tandem::service {
namespace {

using model::Reason;
using model::RecordType;

absl::Status NotStanding(const v1::Pairing& pairing, const std::string& side,
                         std::string_view state) {
  return model::PreconditionError(
      Reason::kStateWrong,
      StrCat(side, " is ", state, "; ", pairing.name(), " can't be accepted on it"), "SIDE_STATE",
      {side}, {{"name", side}, {"state", state}});
}

// Reads one side when the pairing names it; null otherwise.
template <typename Side>
absl::StatusOr<const Side*> ReadSide(RecordType type, const std::string& name,
                                     DirectoryReader* reader,
                                     std::vector<catalog::RecordGuard>* guards) {
  if (name.empty()) return nullptr;
  ASSIGN_OR_RETURN(std::string id, model::ParseNameOf(type, name));
  ASSIGN_OR_RETURN(catalog::RowRef row, reader->Find(type, id));
  guards->push_back({type, id, row.revision()});
  return reader->ReadAs<Side>(type, id);
}

}  // namespace

absl::StatusOr<v1::PairingState> NextState(const v1::Pairing& pairing, const PairingStep& step) {
  std::optional<v1::PairingState> to =
      model::PairingStateAfter(pairing.state(), step.verb, step.actor);
  if (to) return *to;
  const std::string_view verb = model::PairingVerbName(step.verb);
  const std::string_view state = model::PairingStateText(pairing.state());
  const std::string who = model::PairingActorsOf(pairing.state(), step.verb).Text();
  if (!who.empty()) {
    const std::string actor = model::PairingActors(step.actor).Text();
    return model::MakeError(
        Reason::kPermissionDenied,
        StrCat("the ", actor, " can't ", verb, " ", pairing.name(), ", which is ", state,
               ": that is for the ", who),
        {{"name", pairing.name()}, {"state", state}, {"actor", actor}, {"actors", who}});
  }
  const std::string verbs = model::PairingVerbsText(pairing.state());
  return model::PreconditionError(
      Reason::kStateWrong,
      StrCat(pairing.name(), " is ", state, ": ",
             verbs.empty() ? std::string("it has ended") : StrCat("it takes ", verbs), ", not ",
             verb),
      "PAIRING_STATE", {pairing.name()},
      {{"name", pairing.name()}, {"state", state}, {"verb", verb}, {"verbs", verbs}});
}

absl::StatusOr<v1::Round> RoundOf(const v1::Pairing& pairing, DirectoryReader* reader,
                                  std::vector<catalog::RecordGuard>* guards) {
  ASSIGN_OR_RETURN(const v1::Round* round,
                   ReadSide<v1::Round>(RecordType::kRound, pairing.round(), reader, guards));
  return round == nullptr ? v1::Round() : *round;
}

absl::Status CheckInTime(const v1::Pairing& pairing, const v1::Round& round, absl::Time now) {
  std::optional<absl::Time> deadline = model::AnswerDeadline(round);
  if (!deadline || now < *deadline) return absl::OkStatus();
  const std::string until = model::TimeText(*deadline);
  return model::PreconditionError(
      Reason::kWindowClosed,
      StrCat(pairing.name(), " could be accepted until ", until, ", the deadline of ", round.name(),
             "; now it is ", model::TimeText(now)),
      "ROUND_WINDOW", {round.name()}, {{"round", round.name()}, {"deadline", until}});
}

absl::Status CheckSidesStand(const v1::Pairing& pairing, DirectoryReader* reader,
                             std::vector<catalog::RecordGuard>* guards) {
  ASSIGN_OR_RETURN(const v1::Offer* offer,
                   ReadSide<v1::Offer>(RecordType::kOffer, pairing.offer(), reader, guards));
  if (offer != nullptr &&
      (offer->state() == v1::OFFER_STATE_DRAFT || offer->state() == v1::OFFER_STATE_WITHDRAWN)) {
    return NotStanding(pairing, offer->name(), v1::OfferState_Name(offer->state()));
  }
  ASSIGN_OR_RETURN(const v1::Need* need,
                   ReadSide<v1::Need>(RecordType::kNeed, pairing.need(), reader, guards));
  if (need != nullptr &&
      (need->state() == v1::NEED_STATE_DRAFT || need->state() == v1::NEED_STATE_WITHDRAWN)) {
    return NotStanding(pairing, need->name(), v1::NeedState_Name(need->state()));
  }
  return absl::OkStatus();
}

void EnterState(v1::PairingState to, const PairingStep& step, const v1::Round& round,
                std::string_view reason, std::string_view end_date, v1::Pairing* pairing) {
  if (model::PairingHasEnded(to)) {
    pairing->set_ended_by(step.actor);
    pairing->set_ended_reason(std::string(reason));
    if (model::PairingIsAtWork(pairing->state())) {
      if (!end_date.empty()) {
        pairing->set_end_date(std::string(end_date));
      } else if (pairing->end_date().empty()) {
        pairing->set_end_date(model::DayInRound(round, step.now));
      }
    }
  }
  if (to == v1::PAIRING_STATE_PAUSED) {
    pairing->set_pause_reason(std::string(reason));
  } else {
    pairing->clear_pause_reason();
  }
  pairing->set_state(to);
}

}  // namespace tandem::service
