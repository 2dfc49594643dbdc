// SPDX-License-Identifier: Apache-2.0

// Sets one field of a message from text, for every reader of records (JSON, YAML, CSV), so that all
// of them accept and refuse the same values. No I/O.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace tandem::cli {

// What the source says about a value's type.
enum class ValueKind {
  // A string in quotes.
  kQuoted,
  // A number without quotes.
  kNumber,
  // true or false without quotes.
  kBool,
  // Text without any type: a plain YAML scalar or a CSV field.
  kPlain,
};

// Sets `field` of `message`, or appends to it when it is repeated. The field must be a scalar, an
// enum, a Timestamp or a FieldMask. Answers what is wrong, empty when nothing is.
std::string SetFieldFromText(google::protobuf::Message* message,
                             const google::protobuf::FieldDescriptor* field, std::string_view text,
                             ValueKind kind);

// Whether a JSON string or plain scalar stands for a message of this type.
bool IsTextMessage(const google::protobuf::Descriptor* type);

// The field of `type` with this name, lowerCamel or snake_case; nullptr when there is none.
const google::protobuf::FieldDescriptor* FindField(const google::protobuf::Descriptor* type,
                                                   std::string_view name);
// "unknown field" with the nearest known one.
std::string UnknownFieldMessage(const google::protobuf::Descriptor* type, std::string_view name);

}  // namespace tandem::cli
