// SPDX-License-Identifier: Apache-2.0

// Get and List, once for every resource: look up, read stored bytes, hand them out unparsed.
#pragma once

#include "model/resource_traits.h"
#include "service/call.h"
#include "service/raw_service.h"

namespace tandem::service {

// Answers Get{Resource}.
void HandleGet(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);

// Answers List{Resources}.
void HandleList(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
