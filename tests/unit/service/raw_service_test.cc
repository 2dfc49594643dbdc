// SPDX-License-Identifier: Apache-2.0

// A service made from its descriptor serves each kind of method through the table of that kind, and
// is refused when a method has no handler or one of another kind. The health service stands for any
// service with a unary and a streaming method.

#include "service/raw_service.h"

#include <memory>
#include <string>
#include <utility>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "service/byte_buffer.h"

namespace tandem::service {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

constexpr char kCheck[] = "grpc.health.v1.Health/Check";
constexpr char kWatch[] = "grpc.health.v1.Health/Watch";
constexpr int kAnswers = 3;

// Answers the name it was asked for so many times, as statuses 1, 2, 3, then ends.
class CountingStream final : public ServerStreamReactor {
 public:
  explicit CountingStream(const grpc::ByteBuffer* request) : request_(request) { Next(); }
  void OnWriteDone(bool ok) override {
    if (ok) return Next();
    Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    HealthCheckRequest request;
    if (!ParseMessage(*request_, &request).ok() || request.service() != "counted") {
      return Finish(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "not what was sent"));
    }
    if (sent_ == kAnswers) return Finish(grpc::Status::OK);
    HealthCheckResponse answer;
    answer.set_status(static_cast<HealthCheckResponse::ServingStatus>(++sent_));
    buffer_ = ToBuffer(answer);
    StartWrite(&buffer_);
  }

  // Valid as long as the stream.
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer buffer_;
  int sent_ = 0;
};

void NeverCalled(std::shared_ptr<UnaryCall> call) {
  call->Fail(absl::InternalError("not called in this test"));
}

HandlerTable GoodHandlers() {
  HandlerTable handlers;
  handlers.unary.emplace(kCheck, NeverCalled);
  handlers.server_stream.emplace(
      kWatch, [](const MethodRule*, grpc::CallbackServerContext*, const grpc::ByteBuffer* request) {
        return new CountingStream(request);
      });
  return handlers;
}

absl::StatusOr<std::unique_ptr<RawService>> MakeHealth(const HandlerTable& handlers) {
  static const Directory kDirectory;
  return RawService::Make(*HealthCheckRequest::descriptor()->file()->service(0), &kDirectory,
                          &handlers);
}

TEST(RawServiceTest, OneRequestIsAnsweredWithAStream) {
  const HandlerTable handlers = GoodHandlers();
  auto service = MakeHealth(handlers);
  ASSERT_TRUE(service.ok()) << service.status();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(service->get());
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  auto stub = Health::NewStub(
      grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  HealthCheckRequest request;
  request.set_service("counted");
  auto reader = stub->Watch(&context, request);
  HealthCheckResponse answer;
  for (int i = 1; i <= kAnswers; ++i) {
    ASSERT_TRUE(reader->Read(&answer));
    EXPECT_EQ(answer.status(), i);
  }
  EXPECT_FALSE(reader->Read(&answer));
  const grpc::Status status = reader->Finish();
  EXPECT_TRUE(status.ok()) << status.error_message();
  server->Shutdown();
}

TEST(RawServiceTest, AMethodWithoutItsHandlerIsRefused) {
  HandlerTable handlers = GoodHandlers();
  handlers.server_stream.clear();
  EXPECT_EQ(MakeHealth(handlers).status().code(), absl::StatusCode::kInternal);
  // A handler of another kind does not count.
  handlers.unary.emplace(kWatch, NeverCalled);
  EXPECT_EQ(MakeHealth(handlers).status().code(), absl::StatusCode::kInternal);
  handlers.bidi.emplace(kWatch,
                        [](const MethodRule*, grpc::CallbackServerContext*) { return nullptr; });
  EXPECT_EQ(MakeHealth(handlers).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace tandem::service
