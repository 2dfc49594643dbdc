// SPDX-License-Identifier: Apache-2.0

// grpc.reflection.v1.ServerReflection over the compiled-in descriptors. The packaged gRPC serves
// v1alpha only; tools that know only v1 find this one. The messages of the two are the same on the
// wire.
#pragma once

#include <string>
#include <vector>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpcpp/support/server_callback.h"

namespace tandem::service {

// Immutable; any thread.
class ReflectionV1 final : public grpc::reflection::v1::ServerReflection::CallbackService {
 public:
  using Request = grpc::reflection::v1::ServerReflectionRequest;
  using Response = grpc::reflection::v1::ServerReflectionResponse;

  // `services`: full names of what this listener serves.
  explicit ReflectionV1(std::vector<std::string> services) : services_(std::move(services)) {}

  grpc::ServerBidiReactor<Request, Response>* ServerReflectionInfo(
      grpc::CallbackServerContext* context) override;

  // The answer to one request.
  Response Answer(const Request& request) const;

 private:
  const std::vector<std::string> services_;
};

}  // namespace tandem::service
