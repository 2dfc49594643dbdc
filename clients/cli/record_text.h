// SPDX-License-Identifier: Apache-2.0

// A record as the text that people write: what only the server writes is left out. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"

namespace tandem::cli {

// The record as YAML without its etag and the fields only the server writes.
absl::StatusOr<std::string> WritableYaml(const google::protobuf::Message& record);

// What changes `before` into `after`, line by line, as `diff -u` prints it, with the titles of both
// sides; empty when they are equal. Red and green when `colour`.
std::string UnifiedDiff(std::string_view before, std::string_view after,
                        const std::string& before_title, const std::string& after_title,
                        bool colour);

}  // namespace tandem::cli
