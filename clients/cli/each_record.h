// SPDX-License-Identifier: Apache-2.0

// Commands that take one or several records: one answer is printed by itself, several as a list.
#pragma once

#include <cstddef>
#include <functional>

#include "absl/status/statusor.h"

#include "cli/exit_code.h"
#include "cli/noun.h"
#include "cli/session.h"

namespace tandem::cli {

// Calls `method` of `noun` `count` times; `fill(i, request)` makes the i-th request. Stops at the
// first error, after the answers before it were printed.
absl::StatusOr<ExitCode> CallForEach(
    Session& session, const Noun& noun, const google::protobuf::MethodDescriptor& method,
    size_t count, const std::function<absl::Status(size_t, google::protobuf::Message*)>& fill);

}  // namespace tandem::cli
