// SPDX-License-Identifier: Apache-2.0

// PairingService's verbs: each moves one pairing along the table of model/pairing_states.h with
// what belongs to that step, in one write.
#pragma once

#include "service/raw_service.h"

namespace tandem::service {

// Adds the handlers of all verbs, of RecordFollowUp and of BatchLogActivities.
void AddPairingMethods(HandlerTable* table);

}  // namespace tandem::service
