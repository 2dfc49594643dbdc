// SPDX-License-Identifier: Apache-2.0

// What the services of regions and of categories answer about time: what became of a unit, records
// counted over successors, references to units that have ended. Written once for both.
#pragma once

#include "service/raw_service.h"

namespace tandem::service {

void AddSuccessionMethods(HandlerTable* table);

}  // namespace tandem::service
