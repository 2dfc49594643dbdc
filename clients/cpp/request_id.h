// SPDX-License-Identifier: Apache-2.0

// Request ids: random UUIDs that make a repeated write harmless. Safe from any thread.
#pragma once

#include <string>

#include "google/protobuf/message.h"

namespace tandem::client {

// A new random UUID (version 4) in lowercase.
std::string NewRequestId();

// Sets the field `request_id` of `request` to a new id when the message has one and it is empty.
void FillRequestId(google::protobuf::Message* request);

}  // namespace tandem::client
