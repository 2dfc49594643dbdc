// SPDX-License-Identifier: Apache-2.0

// One step of a pairing's life, before it is written: whether the state allows it, whether it comes
// in time, and what is written beside the state.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/committer.h"
#include "model/pairing_states.h"
#include "service/directory.h"
#include "tandem/v1/pairing.pb.h"
#include "tandem/v1/round.pb.h"

namespace tandem::service {

// Who does what, and when.
struct PairingStep {
  model::PairingVerb verb;
  v1::PairingActor actor;
  absl::Time now;
};

// Where the step leads. STATE_WRONG when the state does not allow the verb to anybody,
// PERMISSION_DENIED when it is another actor's.
absl::StatusOr<v1::PairingState> NextState(const v1::Pairing& pairing, const PairingStep& step);

// The round of a pairing; an empty one for pairings outside any round. A round that was read is
// added to `guards`, so that its windows still hold when the step is written.
absl::StatusOr<v1::Round> RoundOf(const v1::Pairing& pairing, DirectoryReader* reader,
                                  std::vector<catalog::RecordGuard>* guards);

// Whether an acceptance comes before the round's deadline. WINDOW_CLOSED.
absl::Status CheckInTime(const v1::Pairing& pairing, const v1::Round& round, absl::Time now);

// Whether the offer and the need still stand: neither draft nor withdrawn. STATE_WRONG. They are
// added to `guards`.
absl::Status CheckSidesStand(const v1::Pairing& pairing, DirectoryReader* reader,
                             std::vector<catalog::RecordGuard>* guards);

// Writes state and what every ending has in common: who, why, and for work that ends its last day,
// `end_date` when given, else the one on record, else today in the round's time zone.
void EnterState(v1::PairingState to, const PairingStep& step, const v1::Round& round,
                std::string_view reason, std::string_view end_date, v1::Pairing* pairing);

}  // namespace tandem::service
