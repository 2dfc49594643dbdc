// SPDX-License-Identifier: Apache-2.0

// What a failed call tells: turns a gRPC status with its google.rpc details into an absl::Status,
// and an absl::Status into the parts that people and programs look at. No I/O; safe from any
// thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/status.h"

namespace tandem::client {

// The parts of a failed call. Empty parts were not in the answer.
struct CallError {
  // One wrong field: its path in the request and what is wrong with it.
  struct Violation {
    std::string field;
    std::string description;
  };

  absl::StatusCode code = absl::StatusCode::kUnknown;
  std::string message;
  // Stable UPPER_SNAKE word of the server, for example "ETAG_MISMATCH".
  std::string reason;
  std::map<std::string, std::string> metadata;
  std::vector<Violation> violations;
  // Names of the records that stand in the way of a FAILED_PRECONDITION.
  std::vector<std::string> subjects;
  // The record the error is about.
  std::string resource;
  // How long the server asks to wait before the same call.
  std::optional<absl::Duration> retry_after;
};

// The same error with google.rpc details as payloads, one a type URL. OK stays OK.
absl::Status FromGrpcStatus(const grpc::Status& status);

// The parts of `status`. `status` must not be OK.
CallError DescribeError(const absl::Status& status);

// An error made by the client itself, with an ErrorInfo like the server's.
absl::Status MakeClientError(absl::StatusCode code, std::string_view reason,
                             std::string_view message);

// Adds one wrong field to an error.
absl::Status WithViolation(absl::Status status, std::string_view field,
                           std::string_view description);

}  // namespace tandem::client
