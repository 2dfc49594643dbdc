// SPDX-License-Identifier: Apache-2.0

// The text of one table cell: a field of a message, named by its path.
#pragma once

#include <string>
#include <string_view>

#include "google/protobuf/message.h"

namespace tandem::cli {

// The value at `path` ("assessment.grade", "categories.category", "labels.source") for a reader:
// enum values without their type's prefix, times to the second, lists joined by commas, at most
// four. Fields that are not set, and unspecified enum values, are empty. A path that does not exist
// is empty too; a test walks the tables of the nouns.
std::string CellText(const google::protobuf::Message& message, std::string_view path);

// The name of an enum value without the prefix of its type: "5A" for ASSESSMENT_GRADE_5A; empty for
// the unspecified value.
std::string EnumText(const google::protobuf::EnumValueDescriptor* value);

// The last part of a resource name: "x" for "agencies/x".
std::string LastPart(std::string_view name);

}  // namespace tandem::cli
