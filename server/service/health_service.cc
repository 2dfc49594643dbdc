// SPDX-License-Identifier: Apache-2.0

#include "service/health_service.h"

#include <optional>
#include <utility>

#include "model/error.h"
#include "service/grpc_status.h"

namespace tandem::service {
namespace {

using Response = HealthService::Response;
using ServingStatus = HealthService::ServingStatus;

// Writes the newest state that the caller has not heard; states in between may be left out. gRPC
// may call back from within an operation that is being started, so those start without the lock.
class WatchStream final : public grpc::ServerWriteReactor<Response>, public HealthService::Watcher {
 public:
  // The stream keeps itself until gRPC is done with it.
  static grpc::ServerWriteReactor<Response>* Start(HealthService* health, std::string service) {
    std::shared_ptr<WatchStream> stream(new WatchStream(health, std::move(service)));
    stream->self_ = stream;
    health->Add(stream->service_, stream);
    return stream.get();
  }

  void Tell(ServingStatus status, int64_t version) override {
    Advance([&] {
      mu_.AssertHeld();
      if (version < version_) return;
      version_ = version;
      next_ = status;
    });
  }
  void End() override {
    Advance([&] {
      mu_.AssertHeld();
      ending_ = true;
    });
  }
  void OnWriteDone(bool ok) override {
    Advance([&] {
      mu_.AssertHeld();
      writing_ = false;
      gone_ = gone_ || !ok;
    });
  }
  void OnCancel() override {
    Advance([&] {
      mu_.AssertHeld();
      gone_ = true;
    });
  }
  void OnDone() override {
    std::shared_ptr<WatchStream> self = std::move(self_);
    health_->Remove(service_, self);
  }

 private:
  WatchStream(HealthService* health, std::string service)
      : health_(health), service_(std::move(service)) {}

  template <typename Change>
  void Advance(Change&& change) {
    bool write = false;
    bool finish = false;
    {
      absl::MutexLock lock(&mu_);
      change();
      if (writing_ || finished_) return;
      if (next_ && next_ != told_ && !gone_) {
        told_ = next_;
        response_.set_status(*next_);
        write = writing_ = true;
      } else if (gone_ || ending_) {
        finish = finished_ = true;
      }
    }
    if (write) StartWrite(&response_);
    if (finish) Finish(ToGrpcStatus(Farewell(), "", nullptr));
  }

  static absl::Status Farewell() {
    return model::MakeError(model::Reason::kShuttingDown, "the server is stopping");
  }

  HealthService* const health_;
  const std::string service_;
  std::shared_ptr<WatchStream> self_;
  // gRPC's while a write is under way.
  Response response_;
  absl::Mutex mu_;
  std::optional<ServingStatus> next_ ABSL_GUARDED_BY(mu_);
  int64_t version_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<ServingStatus> told_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool ending_ ABSL_GUARDED_BY(mu_) = false;
  // Nobody listens any more.
  bool gone_ ABSL_GUARDED_BY(mu_) = false;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

HealthService::HealthService(const std::vector<std::string>& services) {
  absl::MutexLock lock(&mu_);
  states_[""];
  for (const std::string& service : services) states_[service];
}

void HealthService::SetAll(ServingStatus status, bool end) {
  std::vector<std::shared_ptr<Watcher>> known;
  std::vector<std::shared_ptr<Watcher>> unknown;
  int64_t version = 0;
  {
    absl::MutexLock lock(&mu_);
    if (draining_) return;
    draining_ = end;
    version = ++version_;
    for (auto& [service, state] : states_) {
      // What nobody serves has watchers too, and stays unknown.
      bool served = state.status != Response::SERVICE_UNKNOWN;
      if (served) state.status = status;
      std::vector<std::shared_ptr<Watcher>>& list = served ? known : unknown;
      list.insert(list.end(), state.watchers.begin(), state.watchers.end());
    }
  }
  for (const auto& watcher : known) watcher->Tell(status, version);
  if (!end) return;
  for (const auto* list : {&known, &unknown}) {
    for (const auto& watcher : *list) watcher->End();
  }
}

void HealthService::SetServing(bool serving) {
  SetAll(serving ? Response::SERVING : Response::NOT_SERVING, /*end=*/false);
}

void HealthService::Drain() { SetAll(Response::NOT_SERVING, /*end=*/true); }

void HealthService::Add(const std::string& service, const std::shared_ptr<Watcher>& watcher) {
  ServingStatus status = Response::SERVICE_UNKNOWN;
  int64_t version = 0;
  bool end = false;
  {
    absl::MutexLock lock(&mu_);
    auto at = states_.find(service);
    if (at == states_.end()) at = states_.insert({service, {status, {}}}).first;
    at->second.watchers.insert(watcher);
    status = at->second.status;
    version = version_;
    end = draining_;
  }
  watcher->Tell(status, version);
  if (end) watcher->End();
}

void HealthService::Remove(const std::string& service, const std::shared_ptr<Watcher>& watcher) {
  absl::MutexLock lock(&mu_);
  auto at = states_.find(service);
  if (at == states_.end()) return;
  at->second.watchers.erase(watcher);
  // Whatever names callers invent, nothing of them stays.
  if (at->second.status == Response::SERVICE_UNKNOWN && at->second.watchers.empty()) {
    states_.erase(at);
  }
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context,
                                               const Request* request, Response* response) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  ServingStatus status = Response::SERVICE_UNKNOWN;
  {
    absl::MutexLock lock(&mu_);
    auto at = states_.find(request->service());
    if (at != states_.end()) status = at->second.status;
  }
  response->set_status(status);
  reactor->Finish(
      status == Response::SERVICE_UNKNOWN
          ? grpc::Status(grpc::StatusCode::NOT_FOUND, "this listener serves no such service")
          : grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<Response>* HealthService::Watch(grpc::CallbackServerContext* /*context*/,
                                                         const Request* request) {
  return WatchStream::Start(this, request->service());
}

}  // namespace tandem::service
