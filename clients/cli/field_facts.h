// SPDX-License-Identifier: Apache-2.0

// What a field's declaration says about it, in words: its type and its rules. Pure functions.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"

namespace tandem::cli {

// "text", "integer", "list of CategoryCapability", "map of text to text".
std::string FieldTypeText(const google::protobuf::FieldDescriptor& field);

// The rules the field carries (tandem/v1/field_rules.proto), each in words: "required", "at most
// 200 characters", "names a record of regions".
std::vector<std::string> FieldRules(const google::protobuf::FieldDescriptor& field);

}  // namespace tandem::cli
