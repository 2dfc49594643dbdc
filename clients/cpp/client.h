// SPDX-License-Identifier: Apache-2.0

// A thin client of one server: a channel, a deadline for every call, retries where they are
// harmless and request ids that make them so. Works with generated messages and, through
// descriptors, with any method of the generated services.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "grpcpp/channel.h"

namespace tandem::client {

// How a client reaches its server.
struct ClientOptions {
  // "host:port", or "unix:/path" for the admin socket.
  std::string target = "127.0.0.1:7310";
  // Longest time of one call, retries included.
  absl::Duration timeout = absl::Seconds(10);
  // Most attempts of one call. Only UNAVAILABLE is tried again.
  int max_attempts = 4;
};

// Whether a call that ended with `code` may be made again unchanged. The one row is UNAVAILABLE;
// everything else either was decided by the server or needs another request.
bool IsRetryable(absl::StatusCode code);

// The pause before attempt `attempt` (2 is the first repetition): 100 ms doubled each time, at most
// 2 s, spread by ±20 % so that many clients do not return together. `spread` lies in [0, 1).
absl::Duration RetryPause(int attempt, double spread);

// One server. Safe from any thread; lives at least as long as the streams made from it.
class Client {
 public:
  explicit Client(ClientOptions options);

  // Calls a unary method and fills `response`. An empty request id is filled and stays the same in
  // all attempts. The error carries the server's details (DescribeError).
  absl::Status Call(const google::protobuf::MethodDescriptor& method,
                    const google::protobuf::Message& request,
                    google::protobuf::Message* response) const;

  // The same by name, for example "tandem.v1.AgencyService.GetAgency". INVALID_ARGUMENT when the
  // generated code has no such method or the messages are not the method's.
  absl::Status Call(std::string_view method, const google::protobuf::Message& request,
                    google::protobuf::Message* response) const;

  // The channel, for generated stubs.
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const ClientOptions& options() const { return options_; }

 private:
  ClientOptions options_;
  std::shared_ptr<grpc::Channel> channel_;
};

// "/package.Service/Method", the path of a method on the wire.
std::string MethodPath(const google::protobuf::MethodDescriptor& method);

}  // namespace tandem::client
