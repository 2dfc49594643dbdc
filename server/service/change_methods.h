// SPDX-License-Identifier: Apache-2.0

// The methods of ChangeService.
#pragma once

#include "service/directory.h"
#include "service/raw_service.h"

namespace tandem::service {

// Adds Watch and ListChanges. `directory` outlives the table and has a hub.
void AddChangeMethods(const Directory* directory, HandlerTable* table);

}  // namespace tandem::service
