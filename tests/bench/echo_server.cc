// SPDX-License-Identifier: Apache-2.0

// The bare cost of a gRPC answer: a raw-callback server that hands out the same bytes for every Get
// and List. What stands beside Tandem's own figures.
//
//   echo_server REPLY_BYTES PORT_FILE

#include <grpcpp/grpcpp.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tandem/v1/agency_service.grpc.pb.h"

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
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&echo);
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
