// SPDX-License-Identifier: Apache-2.0

#include "model/pairing_states.h"

namespace tandem::model {
namespace {

constexpr PairingTransition kTransitions[] = {
    // Both sides accept, in either order; the second acceptance is the signed agreement.
    {v1::PAIRING_STATE_PROPOSED, v1::PAIRING_STATE_AGENCY_ACCEPTED, PairingActor::kAgency},
    {v1::PAIRING_STATE_PROPOSED, v1::PAIRING_STATE_COUNTY_ACCEPTED, PairingActor::kCounty},
    {v1::PAIRING_STATE_AGENCY_ACCEPTED, v1::PAIRING_STATE_AGREED, PairingActor::kCounty},
    {v1::PAIRING_STATE_COUNTY_ACCEPTED, v1::PAIRING_STATE_AGREED, PairingActor::kAgency},
    // The work.
    {v1::PAIRING_STATE_AGREED, v1::PAIRING_STATE_ACTIVE, PairingActor::kEither},
    {v1::PAIRING_STATE_ACTIVE, v1::PAIRING_STATE_PAUSED, PairingActor::kEither},
    {v1::PAIRING_STATE_PAUSED, v1::PAIRING_STATE_ACTIVE, PairingActor::kEither},
    {v1::PAIRING_STATE_ACTIVE, v1::PAIRING_STATE_COMPLETED, PairingActor::kEither},
    // A side says no before both agreed.
    {v1::PAIRING_STATE_PROPOSED, v1::PAIRING_STATE_DECLINED, PairingActor::kEither},
    {v1::PAIRING_STATE_AGENCY_ACCEPTED, v1::PAIRING_STATE_DECLINED, PairingActor::kCounty},
    {v1::PAIRING_STATE_COUNTY_ACCEPTED, v1::PAIRING_STATE_DECLINED, PairingActor::kAgency},
    // Nobody answered in time.
    {v1::PAIRING_STATE_PROPOSED, v1::PAIRING_STATE_LAPSED, PairingActor::kServer},
    {v1::PAIRING_STATE_AGENCY_ACCEPTED, v1::PAIRING_STATE_LAPSED, PairingActor::kServer},
    {v1::PAIRING_STATE_COUNTY_ACCEPTED, v1::PAIRING_STATE_LAPSED, PairingActor::kServer},
    // Who accepted takes it back before the work began.
    {v1::PAIRING_STATE_AGENCY_ACCEPTED, v1::PAIRING_STATE_WITHDRAWN, PairingActor::kAgency},
    {v1::PAIRING_STATE_COUNTY_ACCEPTED, v1::PAIRING_STATE_WITHDRAWN, PairingActor::kCounty},
    {v1::PAIRING_STATE_AGREED, v1::PAIRING_STATE_WITHDRAWN, PairingActor::kEither},
    // The work broke off.
    {v1::PAIRING_STATE_ACTIVE, v1::PAIRING_STATE_FAILED, PairingActor::kEither},
    {v1::PAIRING_STATE_PAUSED, v1::PAIRING_STATE_FAILED, PairingActor::kEither},
    // A later run replaces a proposal; a running pairing is replaced by whoever runs the round.
    {v1::PAIRING_STATE_PROPOSED, v1::PAIRING_STATE_SUPERSEDED, PairingActor::kServer},
    {v1::PAIRING_STATE_AGREED, v1::PAIRING_STATE_SUPERSEDED, PairingActor::kOperator},
    {v1::PAIRING_STATE_ACTIVE, v1::PAIRING_STATE_SUPERSEDED, PairingActor::kOperator},
    {v1::PAIRING_STATE_PAUSED, v1::PAIRING_STATE_SUPERSEDED, PairingActor::kOperator},
};

v1::PairingState Known(v1::PairingState state) {
  return state == v1::PAIRING_STATE_UNSPECIFIED ? v1::PAIRING_STATE_PROPOSED : state;
}

}  // namespace

absl::Span<const PairingTransition> PairingTransitions() { return kTransitions; }

std::optional<PairingActor> PairingActorOf(v1::PairingState from, v1::PairingState to) {
  for (const PairingTransition& transition : kTransitions) {
    if (transition.from == Known(from) && transition.to == Known(to)) return transition.actor;
  }
  return std::nullopt;
}

bool PairingTakesSlots(v1::PairingState state) {
  switch (state) {
    case v1::PAIRING_STATE_AGENCY_ACCEPTED:
    case v1::PAIRING_STATE_AGREED:
    case v1::PAIRING_STATE_ACTIVE:
    case v1::PAIRING_STATE_PAUSED:
      return true;
    default:
      return false;
  }
}

bool PairingHasEnded(v1::PairingState state) {
  for (const PairingTransition& transition : kTransitions) {
    if (transition.from == Known(state)) return false;
  }
  return true;
}

}  // namespace tandem::model
