// SPDX-License-Identifier: Apache-2.0

// grpc.health.v1.Health for one listener. The packaged implementation keeps every Watch open until
// the server cancels all calls, so that one watching client would hold a stop back for the whole
// drain time; this one tells its watchers NOT_SERVING and then ends their streams.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/support/server_callback.h"

namespace tandem::service {

// Thread-safe. Outlives the server it is registered with.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  using Request = grpc::health::v1::HealthCheckRequest;
  using Response = grpc::health::v1::HealthCheckResponse;
  using ServingStatus = Response::ServingStatus;

  // One watcher's stream.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    // `version` grows with every change: what was true before counts for nothing.
    virtual void Tell(ServingStatus status, int64_t version) = 0;
    // Ends the stream after what was told.
    virtual void End() = 0;
  };

  // `services`: full names, beside the empty one that stands for the whole server. NOT_SERVING at
  // first.
  explicit HealthService(const std::vector<std::string>& services);

  // The state of every service; watchers hear it.
  void SetServing(bool serving);
  // Says NOT_SERVING and ends the streams of all watchers, now and from now on.
  void Drain();

  // NOT_FOUND for a service this listener does not serve.
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const Request* request,
                                  Response* response) override;
  // The state now and after each change; SERVICE_UNKNOWN for a service that is not served.
  grpc::ServerWriteReactor<Response>* Watch(grpc::CallbackServerContext* context,
                                            const Request* request) override;

  // For watchers.
  void Add(const std::string& service, const std::shared_ptr<Watcher>& watcher);
  void Remove(const std::string& service, const std::shared_ptr<Watcher>& watcher);

 private:
  struct State {
    ServingStatus status = Response::NOT_SERVING;
    std::set<std::shared_ptr<Watcher>> watchers;
  };
  void SetAll(ServingStatus status, bool end);

  // Never held while a watcher is told.
  absl::Mutex mu_;
  int64_t version_ ABSL_GUARDED_BY(mu_) = 0;
  std::map<std::string, State> states_ ABSL_GUARDED_BY(mu_);
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tandem::service
