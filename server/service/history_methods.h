// SPDX-License-Identifier: Apache-2.0

// List{Resource}Revisions, once for every resource: what became of one record, from its kept
// versions and the log entries that made them.
#pragma once

#include <memory>

#include "model/resource_traits.h"
#include "service/call.h"

namespace tandem::service {

void HandleListRevisions(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
