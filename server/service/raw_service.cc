// SPDX-License-Identifier: Apache-2.0

#include "service/raw_service.h"

#include <utility>

#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "model/absl_strings.h"

namespace tandem::service {

std::string MethodName(const google::protobuf::MethodDescriptor& method) {
  return StrCat(method.service()->full_name(), "/", method.name());
}

absl::StatusOr<std::unique_ptr<RawService>> RawService::Make(
    const google::protobuf::ServiceDescriptor& service, const Directory* directory,
    const HandlerTable* handlers) {
  std::unique_ptr<RawService> result(new RawService);
  for (int i = 0; i < service.method_count(); ++i) {
    const google::protobuf::MethodDescriptor& method = *service.method(i);
    std::string name = MethodName(method);
    const MethodRule* rule = FindMethodRule(name);
    bool streams = method.client_streaming() || method.server_streaming();
    auto unary = handlers->unary.find(name);
    auto bidi = handlers->bidi.find(name);
    auto server_stream = handlers->server_stream.find(name);
    if (!streams && unary != handlers->unary.end()) {
      result->AddUnary(StrCat("/", name), rule, directory, &unary->second);
    } else if (method.client_streaming() && method.server_streaming() &&
               bidi != handlers->bidi.end()) {
      result->AddBidi(StrCat("/", name), rule, &bidi->second);
    } else if (!method.client_streaming() && method.server_streaming() &&
               server_stream != handlers->server_stream.end()) {
      result->AddServerStream(StrCat("/", name), rule, &server_stream->second);
    } else {
      return absl::InternalError(StrCat(name, " has no handler"));
    }
  }
  return result;
}

int RawService::AddNamed(std::string path, grpc::internal::RpcMethod::RpcType type) {
  const int index = static_cast<int>(paths_.size());
  paths_.push_back(std::make_unique<std::string>(std::move(path)));
  AddMethod(new grpc::internal::RpcServiceMethod(paths_.back()->c_str(), type, nullptr));
  return index;
}

void RawService::AddUnary(std::string path, const MethodRule* rule, const Directory* directory,
                          const UnaryHandler* handler) {
  MarkMethodRawCallback(
      AddNamed(std::move(path), grpc::internal::RpcMethod::NORMAL_RPC),
      new grpc::internal::CallbackUnaryHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [rule, directory, handler](grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* response) {
            auto call = std::make_shared<UnaryCall>(directory, rule, context, request, response);
            grpc::ServerUnaryReactor* reactor = call->reactor();
            if (absl::Status limits = call->CheckLimits(); !limits.ok()) {
              call->Fail(limits);
            } else {
              (*handler)(std::move(call));
            }
            return reactor;
          }));
}

void RawService::AddBidi(std::string path, const MethodRule* rule, const BidiHandler* handler) {
  MarkMethodRawCallback(AddNamed(std::move(path), grpc::internal::RpcMethod::BIDI_STREAMING),
                        new grpc::internal::CallbackBidiHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
                            [rule, handler](grpc::CallbackServerContext* context) {
                              return (*handler)(rule, context);
                            }));
}

void RawService::AddServerStream(std::string path, const MethodRule* rule,
                                 const ServerStreamHandler* handler) {
  MarkMethodRawCallback(
      AddNamed(std::move(path), grpc::internal::RpcMethod::SERVER_STREAMING),
      new grpc::internal::CallbackServerStreamingHandler<grpc::ByteBuffer, grpc::ByteBuffer>(
          [rule, handler](grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
            return (*handler)(rule, context, request);
          }));
}

}  // namespace tandem::service
