// SPDX-License-Identifier: Apache-2.0

// Turns our errors into what gRPC sends: code, message and the google.rpc.Status detail bytes in
// trailing metadata. A fault of the server leaves only an incident id with the client; what went
// wrong goes to the log under that id.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "grpcpp/support/status.h"

namespace tandem::service {

// Receives faults of the server for its log. Any thread; must be short.
using IncidentSink = std::function<void(std::string_view incident_id, std::string_view method,
                                        std::string_view detail)>;

// The status a client of `method` gets. `sink` may be empty.
grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view method,
                          const IncidentSink& sink);

}  // namespace tandem::service
