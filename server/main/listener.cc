// SPDX-License-Identifier: Apache-2.0

#include "main/listener.h"

#include <mutex>

#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "model/absl_strings.h"
#include "model/status_macros.h"
#include "service/call.h"
#include "service/directory_services.h"

namespace tandem::server {
namespace {

// What gRPC itself refuses lies above our own limits, so that a caller hears our error and its
// remedy.
constexpr int kHardRequestBytes = 2 * static_cast<int>(service::kMaxRequestBytes);
constexpr int kHardResponseBytes = static_cast<int>(service::kMaxResponseBytes) + (64 << 10);
constexpr int kHardMetadataBytes = 2 * static_cast<int>(service::kMaxMetadataBytes);
constexpr int kMaxStreamsPerConnection = 128;
constexpr int kMinPingIntervalMs = 10'000;

void SetLimits(grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kHardRequestBytes);
  builder->SetMaxSendMessageSize(kHardResponseBytes);
  // A compressed request is inflated before its size is checked; 200 kB would take 200 MiB.
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder->SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder->AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kHardMetadataBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsPerConnection);
  // Phones ping; anything faster is told to go away.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              kMinPingIntervalMs);
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Two servers on one port would share its connections by chance.
  builder->AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listener::Open(
    const std::string& address, absl::Span<const std::string_view> services,
    const service::Directory* directory, const service::HandlerTable* handlers) {
  // A switch of the whole process; it must come before the first server is built.
  static std::once_flag plugins;
  std::call_once(plugins, grpc::reflection::InitProtoReflectionServerBuilderPlugin);
  std::unique_ptr<Listener> listener(new Listener);
  ASSIGN_OR_RETURN(listener->services_, service::MakeServices(services, directory, handlers));
  std::vector<std::string> reflected(services.begin(), services.end());
  listener->health_ = std::make_unique<service::HealthService>(reflected);
  for (const char* name : {"grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection",
                           "grpc.reflection.v1alpha.ServerReflection"}) {
    reflected.emplace_back(name);
  }
  listener->reflection_ = std::make_unique<service::ReflectionV1>(std::move(reflected));

  grpc::ServerBuilder builder;
  SetLimits(&builder);
  builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &listener->port_);
  for (const auto& service : listener->services_) builder.RegisterService(service.get());
  builder.RegisterService(listener->health_.get());
  builder.RegisterService(listener->reflection_.get());
  listener->server_ = builder.BuildAndStart();
  if (listener->server_ == nullptr) {
    return absl::UnavailableError(
        StrCat("can't listen on ", address, "; is it in use, or not allowed?"));
  }
  listener->health_->SetServing(true);
  return listener;
}

void Listener::DrainHealth() { health_->Drain(); }

void Listener::Shutdown(absl::Time deadline) { server_->Shutdown(absl::ToChronoTime(deadline)); }

}  // namespace tandem::server
