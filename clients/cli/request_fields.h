// SPDX-License-Identifier: Apache-2.0

// Sets fields of request messages by name, for commands that serve every noun.
#pragma once

#include <string>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace tandem::cli {

// The fields must exist with the type asked for: they are part of every standard method.
void SetText(google::protobuf::Message* request, const std::string& field,
             const std::string& value);
void SetInt32(google::protobuf::Message* request, const std::string& field, int32_t value);
void SetBool(google::protobuf::Message* request, const std::string& field, bool value);

// Whether messages of `type` have the field.
bool HasField(const google::protobuf::Descriptor* type, const std::string& field);

// The int64 field `field`; 0 when the message has none.
int64_t Int64Field(const google::protobuf::Message& message, const std::string& field);

}  // namespace tandem::cli
