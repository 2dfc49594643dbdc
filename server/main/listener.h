// SPDX-License-Identifier: Apache-2.0

// A gRPC listener with this server's limits: the public one on a loopback address, the admin one on
// a unix socket. Each serves its services, health for each of them, and reflection.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "grpcpp/server.h"
#include "service/directory.h"
#include "service/health_service.h"
#include "service/raw_service.h"
#include "service/reflection_v1.h"

namespace tandem::server {

class Listener {
 public:
  // `address` as gRPC takes it ("127.0.0.1:0", "unix:/run/x.sock"); `directory` and `handlers`
  // outlive it.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address,
                                                        absl::Span<const std::string_view> services,
                                                        const service::Directory* directory,
                                                        const service::HandlerTable* handlers);
  // The port of a TCP listener.
  int port() const { return port_; }
  // Tells everybody who asks or watches that no service serves any more; ends the watches.
  void DrainHealth();
  // No new calls; running ones may end until `deadline`, then they are cancelled.
  void Shutdown(absl::Time deadline);

 private:
  Listener() = default;

  std::vector<std::unique_ptr<service::RawService>> services_;
  std::unique_ptr<service::HealthService> health_;
  std::unique_ptr<service::ReflectionV1> reflection_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
};

}  // namespace tandem::server
