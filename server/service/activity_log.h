// SPDX-License-Identifier: Apache-2.0

// BatchLogActivities: many activities in one call, each with a result of its own. The activities'
// ids are the callers', so a call that is repeated finds what it stored before; no ledger of
// request ids is asked.
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

void HandleBatchLogActivities(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
