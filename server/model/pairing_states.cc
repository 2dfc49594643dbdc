// SPDX-License-Identifier: Apache-2.0

#include "model/pairing_states.h"

#include "model/absl_strings.h"

namespace tandem::model {
namespace {

constexpr PairingActors kAgency = v1::PAIRING_ACTOR_AGENCY;
constexpr PairingActors kCounty = v1::PAIRING_ACTOR_COUNTY;
constexpr PairingActors kCoordinator = v1::PAIRING_ACTOR_COORDINATOR;
constexpr PairingActors kServer = v1::PAIRING_ACTOR_SERVER;
constexpr PairingActors kSides = kAgency | kCounty;
constexpr PairingActors kAnyone = kSides | kCoordinator;

constexpr auto kProposed = v1::PAIRING_STATE_PROPOSED;
constexpr auto kAgencyAccepted = v1::PAIRING_STATE_AGENCY_ACCEPTED;
constexpr auto kCountyAccepted = v1::PAIRING_STATE_COUNTY_ACCEPTED;
constexpr auto kAgreed = v1::PAIRING_STATE_AGREED;
constexpr auto kActive = v1::PAIRING_STATE_ACTIVE;
constexpr auto kPaused = v1::PAIRING_STATE_PAUSED;

constexpr PairingTransition kTransitions[] = {
    // Both sides accept, in either order; the second acceptance is the agreement.
    {kProposed, PairingVerb::kAccept, kAgency, kAgencyAccepted},
    {kProposed, PairingVerb::kAccept, kCounty, kCountyAccepted},
    {kAgencyAccepted, PairingVerb::kAccept, kCounty, kAgreed},
    {kCountyAccepted, PairingVerb::kAccept, kAgency, kAgreed},
    // A signed paper shows that the other side accepts too, and may come or be corrected later.
    {kAgencyAccepted, PairingVerb::kAgree, kCounty | kCoordinator, kAgreed},
    {kCountyAccepted, PairingVerb::kAgree, kAgency | kCoordinator, kAgreed},
    {kAgreed, PairingVerb::kAgree, kAnyone, kAgreed},
    // The work.
    {kAgreed, PairingVerb::kActivate, kAnyone, kActive},
    {kActive, PairingVerb::kPause, kAnyone, kPaused},
    {kPaused, PairingVerb::kResume, kAnyone, kActive},
    {kActive, PairingVerb::kComplete, kAnyone, v1::PAIRING_STATE_COMPLETED},
    {kPaused, PairingVerb::kComplete, kAnyone, v1::PAIRING_STATE_COMPLETED},
    // A side says no before both agreed.
    {kProposed, PairingVerb::kDecline, kSides, v1::PAIRING_STATE_DECLINED},
    {kAgencyAccepted, PairingVerb::kDecline, kCounty, v1::PAIRING_STATE_DECLINED},
    {kCountyAccepted, PairingVerb::kDecline, kAgency, v1::PAIRING_STATE_DECLINED},
    // Nobody answered in time.
    {kProposed, PairingVerb::kLapse, kServer, v1::PAIRING_STATE_LAPSED},
    {kAgencyAccepted, PairingVerb::kLapse, kServer, v1::PAIRING_STATE_LAPSED},
    {kCountyAccepted, PairingVerb::kLapse, kServer, v1::PAIRING_STATE_LAPSED},
    // Who proposed or accepted takes it back before the work began.
    {kProposed, PairingVerb::kWithdraw, kCoordinator, v1::PAIRING_STATE_WITHDRAWN},
    {kAgencyAccepted, PairingVerb::kWithdraw, kAgency | kCoordinator, v1::PAIRING_STATE_WITHDRAWN},
    {kCountyAccepted, PairingVerb::kWithdraw, kCounty | kCoordinator, v1::PAIRING_STATE_WITHDRAWN},
    {kAgreed, PairingVerb::kWithdraw, kAnyone, v1::PAIRING_STATE_WITHDRAWN},
    // The work broke off.
    {kActive, PairingVerb::kFail, kAnyone, v1::PAIRING_STATE_FAILED},
    {kPaused, PairingVerb::kFail, kAnyone, v1::PAIRING_STATE_FAILED},
    // A later run, or whoever runs the round, puts another pairing in its place.
    {kProposed, PairingVerb::kSupersede, kCoordinator, v1::PAIRING_STATE_SUPERSEDED},
    {kAgencyAccepted, PairingVerb::kSupersede, kCoordinator, v1::PAIRING_STATE_SUPERSEDED},
    {kCountyAccepted, PairingVerb::kSupersede, kCoordinator, v1::PAIRING_STATE_SUPERSEDED},
    {kAgreed, PairingVerb::kSupersede, kCoordinator, v1::PAIRING_STATE_SUPERSEDED},
    {kActive, PairingVerb::kSupersede, kCoordinator, v1::PAIRING_STATE_SUPERSEDED},
    {kPaused, PairingVerb::kSupersede, kCoordinator, v1::PAIRING_STATE_SUPERSEDED},
};

v1::PairingState Known(v1::PairingState state) {
  return state == v1::PAIRING_STATE_UNSPECIFIED ? v1::PAIRING_STATE_PROPOSED : state;
}

}  // namespace

std::string_view PairingVerbName(PairingVerb verb) {
  switch (verb) {
    case PairingVerb::kAccept:
      return "accept";
    case PairingVerb::kDecline:
      return "decline";
    case PairingVerb::kAgree:
      return "agree";
    case PairingVerb::kActivate:
      return "activate";
    case PairingVerb::kPause:
      return "pause";
    case PairingVerb::kResume:
      return "resume";
    case PairingVerb::kComplete:
      return "complete";
    case PairingVerb::kWithdraw:
      return "withdraw";
    case PairingVerb::kFail:
      return "fail";
    case PairingVerb::kSupersede:
      return "supersede";
    case PairingVerb::kLapse:
      return "lapse";
  }
  return "";
}

std::string PairingActors::Text() const {
  std::string text;
  constexpr std::pair<v1::PairingActor, std::string_view> kWords[] = {
      {v1::PAIRING_ACTOR_AGENCY, "agency"},
      {v1::PAIRING_ACTOR_COUNTY, "county"},
      {v1::PAIRING_ACTOR_COORDINATOR, "coordinator"},
      {v1::PAIRING_ACTOR_SERVER, "server"}};
  for (const auto& [actor, word] : kWords) {
    if (contains(actor)) StrAppend(&text, text.empty() ? "" : " or ", word);
  }
  return text;
}

absl::Span<const PairingTransition> PairingTransitions() { return kTransitions; }

std::optional<v1::PairingState> PairingStateAfter(v1::PairingState from, PairingVerb verb,
                                                  v1::PairingActor actor) {
  for (const PairingTransition& step : kTransitions) {
    if (step.from == Known(from) && step.verb == verb && step.actors.contains(actor)) {
      return step.to;
    }
  }
  return std::nullopt;
}

PairingActors PairingActorsOf(v1::PairingState from, PairingVerb verb) {
  PairingActors actors;
  for (const PairingTransition& step : kTransitions) {
    if (step.from == Known(from) && step.verb == verb) actors = actors | step.actors;
  }
  return actors;
}

std::string PairingVerbsText(v1::PairingState from) {
  std::string text;
  for (int verb = 0; verb <= static_cast<int>(PairingVerb::kSupersede); ++verb) {
    if (PairingActorsOf(from, static_cast<PairingVerb>(verb)).empty()) continue;
    StrAppend(&text, text.empty() ? "" : ", ", PairingVerbName(static_cast<PairingVerb>(verb)));
  }
  return text;
}

std::string_view PairingStateText(v1::PairingState state) {
  constexpr std::string_view kPrefix = "PAIRING_STATE_";
  return std::string_view(v1::PairingState_Name(Known(state))).substr(kPrefix.size());
}

bool PairingTakesSlots(v1::PairingState state) {
  switch (state) {
    case v1::PAIRING_STATE_AGENCY_ACCEPTED:
    case v1::PAIRING_STATE_COUNTY_ACCEPTED:
    case v1::PAIRING_STATE_AGREED:
    case v1::PAIRING_STATE_ACTIVE:
    case v1::PAIRING_STATE_PAUSED:
      return true;
    default:
      return false;
  }
}

bool PairingIsAtWork(v1::PairingState state) {
  return state == v1::PAIRING_STATE_ACTIVE || state == v1::PAIRING_STATE_PAUSED;
}

bool PairingHasEnded(v1::PairingState state) {
  for (const PairingTransition& step : kTransitions) {
    if (step.from == Known(state)) return false;
  }
  return true;
}

}  // namespace tandem::model
