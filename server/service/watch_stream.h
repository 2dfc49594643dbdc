// SPDX-License-Identifier: Apache-2.0

// The stream of ChangeService.Watch.
#pragma once

#include "service/change_hub.h"
#include "service/directory.h"
#include "service/raw_service.h"

namespace tandem::service {

// Makes the reactor of one watch; it frees itself when the stream is over. `directory` has a hub.
ServerStreamReactor* StartWatch(const Directory* directory, const MethodRule* rule,
                                grpc::CallbackServerContext* context,
                                const grpc::ByteBuffer* request);

}  // namespace tandem::service
