// SPDX-License-Identifier: Apache-2.0

// One gRPC service made from its descriptor and a table of handlers that work on bytes. Generated
// service classes would fix a message class for every method; here the standard methods of every
// resource share one handler, and stored records go out unparsed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/impl/service_type.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "service/call.h"
#include "service/directory.h"

namespace tandem::service {

using BidiReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;
// Makes the reactor of a stream; the reactor deletes itself in OnDone.
using BidiHandler =
    std::function<BidiReactor*(const MethodRule* rule, grpc::CallbackServerContext*)>;

using ServerStreamReactor = grpc::ServerWriteReactor<grpc::ByteBuffer>;
// Makes the reactor that answers one request with a stream; the reactor deletes itself in OnDone.
// The request stays valid until then. Checks what a unary call has checked before its handler: the
// size of the request (CheckRequest) and the metadata.
using ServerStreamHandler = std::function<ServerStreamReactor*(
    const MethodRule* rule, grpc::CallbackServerContext*, const grpc::ByteBuffer* request)>;

// Handlers by full method name, "tandem.v1.AgencyService/GetAgency". The keys of the tables do not
// meet.
struct HandlerTable {
  absl::flat_hash_map<std::string, UnaryHandler> unary;
  absl::flat_hash_map<std::string, BidiHandler> bidi;
  absl::flat_hash_map<std::string, ServerStreamHandler> server_stream;
};

// The full name of a method as the tables use it.
std::string MethodName(const google::protobuf::MethodDescriptor& method);

// Serves every method of one service. Outlives the server it is registered with.
class RawService final : public grpc::Service {
 public:
  // INTERNAL when a method of the service has no handler, or one of the wrong kind. `directory` and
  // `handlers` outlive the service.
  static absl::StatusOr<std::unique_ptr<RawService>> Make(
      const google::protobuf::ServiceDescriptor& service, const Directory* directory,
      const HandlerTable* handlers);

 private:
  RawService() = default;
  void AddUnary(std::string path, const MethodRule* rule, const Directory* directory,
                const UnaryHandler* handler);
  void AddBidi(std::string path, const MethodRule* rule, const BidiHandler* handler);
  void AddServerStream(std::string path, const MethodRule* rule,
                       const ServerStreamHandler* handler);
  // Adds the method itself; its index.
  int AddNamed(std::string path, grpc::internal::RpcMethod::RpcType type);

  // gRPC keeps pointers to the names.
  std::vector<std::unique_ptr<std::string>> paths_;
};

}  // namespace tandem::service
