// SPDX-License-Identifier: Apache-2.0

// The two-way stream of every import method. Options first, then chunks; each chunk is answered
// once what it holds is durable or refused. While one chunk is being committed the next is read
// and checked, so several can be in flight.
#pragma once

#include <memory>

#include "google/protobuf/descriptor.h"
#include "model/resource_traits.h"
#include "service/raw_service.h"

namespace tandem::service {

// Makes the reactor of one import; it deletes itself when the stream is over.
BidiReactor* StartImport(const model::ResourceTraits& resource,
                         const google::protobuf::MethodDescriptor& method,
                         const Directory& directory, const MethodRule* rule,
                         grpc::CallbackServerContext* context);

}  // namespace tandem::service
