// SPDX-License-Identifier: Apache-2.0

// The life of a pairing as data: every allowed change of state with who may make it.
#pragma once

#include <optional>

#include "absl/types/span.h"
#include "tandem/v1/pairing.pb.h"

namespace tandem::model {

// Who makes a change of state.
enum class PairingActor {
  // The assisting agency.
  kAgency,
  // The county.
  kCounty,
  // Either of the two.
  kEither,
  // Whoever runs the round.
  kOperator,
  // The server: deadlines, new runs.
  kServer,
};

struct PairingTransition {
  v1::PairingState from;
  v1::PairingState to;
  PairingActor actor;
};

// Every allowed change, in the order of a pairing's life.
absl::Span<const PairingTransition> PairingTransitions();

// Who may change a pairing from `from` to `to`; nullopt: nobody. An unspecified state counts as
// proposed. Staying in a state is no change and not listed.
std::optional<PairingActor> PairingActorOf(v1::PairingState from, v1::PairingState to);

// Whether a pairing in this state takes slots from its offer: accepted by the agency or later, and
// not ended.
bool PairingTakesSlots(v1::PairingState state);

// Whether no change leads out of this state.
bool PairingHasEnded(v1::PairingState state);

}  // namespace tandem::model
