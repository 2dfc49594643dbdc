// SPDX-License-Identifier: Apache-2.0

// The verb of conflicts: a person decides whose value an agency holds.
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

void HandleResolveFieldConflict(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
