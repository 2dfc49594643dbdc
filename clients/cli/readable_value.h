// SPDX-License-Identifier: Apache-2.0

// One value of a field as people write it. Pure functions.
#pragma once

#include <string>

#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "google/protobuf/timestamp.pb.h"

namespace tandem::cli {

// The value of a scalar, enum or time: units follow the field's name (per cent for _permille, yuan
// for _fen, degrees for _e7), enum values lose their type's prefix, times are in `zone`. `index`
// chooses an element of a repeated field; it is negative for others. Empty for other messages and
// unspecified enum values.
std::string ReadableValue(const google::protobuf::Message& message,
                          const google::protobuf::FieldDescriptor& field, int index,
                          absl::TimeZone zone);

// "2026-11-26 10:15:03 +08:00".
std::string ReadableTime(const google::protobuf::Timestamp& time, absl::TimeZone zone);

}  // namespace tandem::cli
