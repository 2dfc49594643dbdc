// SPDX-License-Identifier: Apache-2.0

// Export{Resources}: a stream of stored bytes at one revision. Holds a few hundred KiB, reads on
// only as the client takes what was sent, and keeps no view or iterator between two messages.
#pragma once

#include "model/resource_traits.h"
#include "service/raw_service.h"

namespace tandem::service {

// Starts the stream of one call. `request` is valid until the stream's end.
ServerStreamReactor* StartExport(const model::ResourceTraits& resource, const Directory& directory,
                                 const MethodRule* rule, grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* request);

}  // namespace tandem::service
