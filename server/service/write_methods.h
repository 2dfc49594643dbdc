// SPDX-License-Identifier: Apache-2.0

// Create, Update, Delete, Undelete and Purge, once for every resource. Their requests have the same
// fields under the same numbers for every resource (tests/api holds that); only the message class
// differs.
#pragma once

#include <memory>

#include "model/resource_traits.h"
#include "service/call.h"

namespace tandem::service {

void HandleCreate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandleUpdate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandleDelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandleUndelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandlePurge(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
