// SPDX-License-Identifier: Apache-2.0

#include "cpp/watch_stream.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/support/client_callback.h"
#include "tandem/v1/change_service.grpc.pb.h"

#include "cpp/call_error.h"

namespace tandem::client {

// Lives until OnDone: the stream's destructor waits for it.
class WatchStream::Reactor : public grpc::ClientReadReactor<v1::WatchResponse> {
 public:
  Reactor(std::shared_ptr<grpc::Channel> channel, const v1::WatchRequest& request)
      : request_(request), stub_(v1::ChangeService::NewStub(std::move(channel))) {
    stub_->async()->Watch(&context_, &request_, this);
    AddHold();  // Reads are started from outside the callbacks.
    StartRead(&received_);
    StartCall();
  }

  void OnReadInitialMetadataDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    started_ = ok;
  }

  void OnReadDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    (ok ? ready_ : over_) = true;
    if (over_) ReleaseHold();
  }

  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex_);
    status_ = FromGrpcStatus(status);
    // A stream of changes has no end of its own.
    if (status_.ok()) status_ = absl::UnavailableError("the server ended the watch");
    done_ = true;
  }

  std::optional<v1::WatchResponse> Read(absl::Duration limit) {
    v1::WatchResponse message;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(this, &Reactor::ReadyOrDone), limit);
      if (!ready_) return std::nullopt;
      ready_ = false;
      message = std::move(received_);
      received_.Clear();
    }
    StartRead(&received_);
    return message;
  }

  bool started() const {
    absl::MutexLock lock(&mutex_);
    return started_;
  }

  std::optional<absl::Status> status() const {
    absl::MutexLock lock(&mutex_);
    if (!done_) return std::nullopt;
    return status_;
  }

  void CancelAndWait() {
    absl::MutexLock lock(&mutex_);
    // A message that nobody takes stands where the end of the reads would come.
    if (ready_) ReleaseHold();
    if (!done_) context_.TryCancel();
    mutex_.Await(absl::Condition(&done_));
  }

 private:
  bool ReadyOrDone() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return ready_ || done_; }
  void ReleaseHold() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (std::exchange(holding_, false)) RemoveHold();
  }

  const v1::WatchRequest request_;
  const std::unique_ptr<v1::ChangeService::Stub> stub_;
  grpc::ClientContext context_;
  // gRPC's while a read is under way.
  v1::WatchResponse received_;
  mutable absl::Mutex mutex_;
  bool started_ ABSL_GUARDED_BY(mutex_) = false;
  bool ready_ ABSL_GUARDED_BY(mutex_) = false;
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  bool holding_ ABSL_GUARDED_BY(mutex_) = true;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

WatchStream::WatchStream(std::shared_ptr<grpc::Channel> channel, const v1::WatchRequest& request)
    : reactor_(std::make_unique<Reactor>(std::move(channel), request)) {}

WatchStream::~WatchStream() { reactor_->CancelAndWait(); }

std::optional<v1::WatchResponse> WatchStream::Read(absl::Duration limit) {
  return reactor_->Read(limit);
}

bool WatchStream::started() const { return reactor_->started(); }

std::optional<absl::Status> WatchStream::status() const { return reactor_->status(); }

}  // namespace tandem::client
