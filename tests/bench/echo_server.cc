// SPDX-License-Identifier: Apache-2.0

// The bare cost of a gRPC answer: a raw-callback server that hands out the same bytes for every Get
// and List, and to every open Watch for each ListChanges. What stands beside Tandem's own figures.
//
//   echo_server REPLY_BYTES PORT_FILE

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string>
#include <vector>

#include "tandem/v1/agency_service.grpc.pb.h"
#include "tandem/v1/change_service.grpc.pb.h"

namespace {

using Base = tandem::v1::AgencyService::WithRawCallbackMethod_GetAgency<
    tandem::v1::AgencyService::WithRawCallbackMethod_ListAgencies<
        tandem::v1::AgencyService::Service>>;

class Echo final : public Base {
 public:
  explicit Echo(size_t bytes) : reply_(MakeReply(bytes)) {}

  grpc::ServerUnaryReactor* GetAgency(grpc::CallbackServerContext* context,
                                      const grpc::ByteBuffer* /*request*/,
                                      grpc::ByteBuffer* reply) override {
    return Answer(context, reply);
  }
  grpc::ServerUnaryReactor* ListAgencies(grpc::CallbackServerContext* context,
                                         const grpc::ByteBuffer* /*request*/,
                                         grpc::ByteBuffer* reply) override {
    return Answer(context, reply);
  }

 private:
  static grpc::Slice MakeReply(size_t bytes) { return grpc::Slice(std::string(bytes, 'x')); }

  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, grpc::ByteBuffer* reply) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    *reply = grpc::ByteBuffer(&reply_, 1);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  const grpc::Slice reply_;
};

using WatchBase = tandem::v1::ChangeService::WithRawCallbackMethod_Watch<
    tandem::v1::ChangeService::WithRawCallbackMethod_ListChanges<
        tandem::v1::ChangeService::Service>>;

// A bare server stream: what is sent is counted, nothing else is kept.
class EchoStreams final : public WatchBase {
 public:
  explicit EchoStreams(size_t bytes) : event_(MakeEvent(bytes)) {}

  grpc::ServerWriteReactor<grpc::ByteBuffer>* Watch(grpc::CallbackServerContext* /*context*/,
                                                    const grpc::ByteBuffer*) override {
    auto* stream = new Stream(this);
    // A mark: it watches.
    const grpc::Slice mark("\x10\x01");
    stream->Send(mark);
    const std::lock_guard<std::mutex> lock(mutex_);
    streams_.push_back(stream);
    return stream;
  }

  grpc::ServerUnaryReactor* ListChanges(grpc::CallbackServerContext* context,
                                        const grpc::ByteBuffer* /*request*/,
                                        grpc::ByteBuffer* reply) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    *reply = grpc::ByteBuffer(&event_, 1);
    reactor->Finish(grpc::Status::OK);
    const std::lock_guard<std::mutex> lock(mutex_);
    for (Stream* stream : streams_) stream->Send(event_);
    return reactor;
  }

 private:
  class Stream final : public grpc::ServerWriteReactor<grpc::ByteBuffer> {
   public:
    explicit Stream(EchoStreams* owner) : owner_(owner) {}
    // Before it is among the streams, or under the owner's lock.
    void Send(const grpc::Slice& message) {
      if (over_) return;
      if (writing_) {
        ++waiting_;
        return;
      }
      writing_ = true;
      message_ = grpc::ByteBuffer(&message, 1);
      StartWrite(&message_);
    }
    void OnWriteDone(bool ok) override {
      const std::lock_guard<std::mutex> lock(owner_->mutex_);
      writing_ = false;
      if (!ok || waiting_ == 0) return;
      --waiting_;
      Send(owner_->event_);
    }
    void OnCancel() override {
      {
        const std::lock_guard<std::mutex> lock(owner_->mutex_);
        over_ = true;
      }
      Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override {
      {
        const std::lock_guard<std::mutex> lock(owner_->mutex_);
        auto& streams = owner_->streams_;
        streams.erase(std::find(streams.begin(), streams.end(), this));
      }
      delete this;
    }

   private:
    EchoStreams* const owner_;
    grpc::ByteBuffer message_;
    bool over_ = false;
    bool writing_ = false;
    int waiting_ = 0;
  };

  // Field 1, as long as a WatchResponse with one event.
  static grpc::Slice MakeEvent(size_t bytes) {
    std::string event(std::max(bytes, size_t{1}), 'x');
    event[0] = '\x0A';
    return grpc::Slice(event);
  }

  const grpc::Slice event_;
  std::mutex mutex_;
  std::vector<Stream*> streams_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: echo_server REPLY_BYTES PORT_FILE\n");
    return 2;
  }
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);
  Echo echo(std::strtoul(argv[1], nullptr, 10));
  EchoStreams streams(std::strtoul(argv[1], nullptr, 10));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
  builder.RegisterService(&streams);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr) return 1;
  const std::string temporary = std::string(argv[2]) + ".new";
  if (std::FILE* file = std::fopen(temporary.c_str(), "w")) {
    std::fprintf(file, "%d\n", port);
    std::fclose(file);
    std::rename(temporary.c_str(), argv[2]);
  }
  int signal = 0;
  sigwait(&stop, &signal);
  server->Shutdown();
  return 0;
}
