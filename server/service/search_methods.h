// SPDX-License-Identifier: Apache-2.0

// Search for agencies, regions and categories, and completion of what is being typed. One handler
// serves all three searches: requests and answers have the same fields under the same numbers.
#pragma once

#include "service/raw_service.h"

namespace tandem::service {

// Adds Search… of every searched resource and SuggestAgencies.
void AddSearchMethods(HandlerTable* table);

}  // namespace tandem::service
