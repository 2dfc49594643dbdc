// SPDX-License-Identifier: Apache-2.0

// IndexRegions: writes an index of every region by one rule, in one commit.
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

void HandleIndexRegions(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
