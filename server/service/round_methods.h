// SPDX-License-Identifier: Apache-2.0

// The verbs of rounds: a round's state changes through them alone.
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

// OpenRound: draft → open. STATE_WRONG from another state.
void HandleOpenRound(std::shared_ptr<UnaryCall> call);

// FreezeRound: open → frozen, with the profile's etag and the digests of the plugins it uses.
// STATE_WRONG, PLUGIN_NOT_LOADED.
void HandleFreezeRound(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
