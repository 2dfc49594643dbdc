// SPDX-License-Identifier: Apache-2.0

// What --listen may name. Pure functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tandem::server {

struct ListenAddress {
  std::string host;
  int port = 0;
  // As gRPC wants it: "127.0.0.1:7310", "[::1]:7310".
  std::string text;
};

// Reads HOST:PORT with a numeric loopback host or "localhost"; "[::1]:PORT" for IPv6. FIELD_INVALID
// for anything else: without TLS the server listens nowhere but on this machine.
absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace tandem::server
