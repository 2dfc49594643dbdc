// SPDX-License-Identifier: Apache-2.0

// MatchService beside Get and List: an adapter to match/match_runs.h. Every method may read from
// disk, so all of them run on workers.
#pragma once

#include "service/raw_service.h"

namespace tandem::service {

// Adds the methods to `table`.
void AddMatchMethods(HandlerTable* table);

}  // namespace tandem::service
