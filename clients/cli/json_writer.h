// SPDX-License-Identifier: Apache-2.0

// Messages as documents: protobuf's JSON form (lowerCamel names, 64-bit numbers as strings), and
// YAML made from the same document.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace tandem::cli {

// The JSON document of a message. Unset fields are left out.
absl::StatusOr<nlohmann::ordered_json> ToJson(const google::protobuf::Message& message);

// A document as indented JSON, without a line end. Text that is not ASCII stays as it is.
std::string JsonText(const nlohmann::ordered_json& document);

// A document as YAML with a line end. Strings that YAML would read as something else are quoted.
std::string YamlText(const nlohmann::ordered_json& document);

}  // namespace tandem::cli
