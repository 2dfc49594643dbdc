// SPDX-License-Identifier: Apache-2.0

// BatchGet, BatchCreate, BatchUpdate and BatchDelete, once for every resource: at most 1,000
// records, read at one revision or written in one commit, all or none.
#pragma once

#include <memory>

#include "model/resource_traits.h"
#include "service/call.h"

namespace tandem::service {

// Most names or requests of a batch.
inline constexpr int kMaxBatch = 1000;

void HandleBatchGet(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandleBatchCreate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandleBatchUpdate(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);
void HandleBatchDelete(const model::ResourceTraits& resource, std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
