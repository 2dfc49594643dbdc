// SPDX-License-Identifier: Apache-2.0

#include "cpp/message_stream.h"

#include <deque>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/client_callback.h"

#include "cpp/call_error.h"
#include "cpp/client.h"

namespace tandem::client {

// Lives until OnDone: the stream's destructor waits for it.
class MessageStream::Reactor : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  Reactor(std::shared_ptr<grpc::Channel> channel, const std::string& path, size_t max_waiting)
      : path_(path), max_waiting_(max_waiting), stub_(std::move(channel)) {
    stub_.PrepareBidiStreamingCall(&context_, path_, grpc::StubOptions(), this);
    AddHold();  // Write and FinishWriting come from outside the callbacks.
    StartRead(&received_);
    StartCall();
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      absl::MutexLock lock(&mutex_);
      reads_over_ = true;
      return;
    }
    grpc::Slice slice;
    const bool readable = received_.DumpToSingleSlice(&slice).ok();
    if (!readable) context_.TryCancel();
    {
      absl::MutexLock lock(&mutex_);
      if (readable) answers_.emplace_back(slice.begin(), slice.end());
      if (max_waiting_ != kUnbounded && answers_.size() >= max_waiting_ && !reading_paused_) {
        // The hold keeps the call from ending while no operation runs.
        reading_paused_ = true;
        AddHold();
        return;
      }
    }
    StartRead(&received_);
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok) broken_ = true;
  }

  void OnDone(const grpc::Status& status) override {
    absl::MutexLock lock(&mutex_);
    status_ = FromGrpcStatus(status);
    done_ = true;
  }

  bool Write(const std::string& message, absl::Duration limit) {
    {
      absl::MutexLock lock(&mutex_);
      if (!mutex_.AwaitWithTimeout(absl::Condition(this, &Reactor::WriteIdle), limit)) return false;
      if (broken_ || reads_over_ || !holding_) return false;
      writing_ = true;
    }
    grpc::Slice slice(message);
    sent_ = grpc::ByteBuffer(&slice, 1);
    StartWrite(&sent_);
    return true;
  }

  void FinishWriting() {
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &Reactor::WriteIdle));
      if (!holding_) return;
      holding_ = false;
    }
    StartWritesDone();
    RemoveHold();
  }

  std::optional<std::string> Read(absl::Duration limit) {
    std::string answer;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.AwaitWithTimeout(absl::Condition(this, &Reactor::AnswerOrEnd), limit);
      if (answers_.empty()) return std::nullopt;
      answer = std::move(answers_.front());
      answers_.pop_front();
    }
    ResumeReading();
    return answer;
  }

  void Cancel() { context_.TryCancel(); }

  bool ended() const {
    absl::MutexLock lock(&mutex_);
    return reads_over_ || broken_ || done_;
  }

  absl::Status Close(absl::Duration limit) {
    ReleaseHold();
    ResumeReading();
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(&done_), limit)) {
      context_.TryCancel();
      mutex_.Await(absl::Condition(&done_));
      return absl::DeadlineExceededError("the server did not end the call in time");
    }
    return status_;
  }

  void CancelAndWait() {
    context_.TryCancel();
    ReleaseHold();
    ResumeReading();
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&done_));
  }

 private:
  bool WriteIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return !writing_ || done_; }
  bool AnswerOrEnd() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return !answers_.empty() || reads_over_ || done_;
  }
  void ReleaseHold() {
    {
      absl::MutexLock lock(&mutex_);
      if (!holding_) return;
      holding_ = false;
    }
    RemoveHold();
  }

  // Goes on reading when it was paused.
  void ResumeReading() {
    {
      absl::MutexLock lock(&mutex_);
      if (!reading_paused_) return;
      reading_paused_ = false;
    }
    StartRead(&received_);
    RemoveHold();
  }

  const std::string path_;
  const size_t max_waiting_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  grpc::ByteBuffer received_;
  grpc::ByteBuffer sent_;
  mutable absl::Mutex mutex_;
  std::deque<std::string> answers_ ABSL_GUARDED_BY(mutex_);
  bool reading_paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool holding_ ABSL_GUARDED_BY(mutex_) = true;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool broken_ ABSL_GUARDED_BY(mutex_) = false;
  bool reads_over_ ABSL_GUARDED_BY(mutex_) = false;
  bool done_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mutex_);
};

MessageStream::MessageStream(std::shared_ptr<grpc::Channel> channel,
                             const google::protobuf::MethodDescriptor& method, size_t max_waiting)
    : reactor_(std::make_unique<Reactor>(std::move(channel), MethodPath(method), max_waiting)) {}
MessageStream::~MessageStream() { reactor_->CancelAndWait(); }
bool MessageStream::Write(const std::string& message, absl::Duration limit) {
  return reactor_->Write(message, limit);
}
void MessageStream::FinishWriting() { reactor_->FinishWriting(); }
std::optional<std::string> MessageStream::Read(absl::Duration limit) {
  return reactor_->Read(limit);
}
bool MessageStream::ended() const { return reactor_->ended(); }
void MessageStream::Cancel() { reactor_->Cancel(); }
absl::Status MessageStream::Close(absl::Duration limit) { return reactor_->Close(limit); }

}  // namespace tandem::client
