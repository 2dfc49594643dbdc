// SPDX-License-Identifier: Apache-2.0

#include "cpp/client.h"

#include <algorithm>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"

#include "cpp/call_error.h"
#include "cpp/request_id.h"

namespace tandem::client {
namespace {

using google::protobuf::Message;
using google::protobuf::MethodDescriptor;

absl::Status CallOnce(const std::shared_ptr<grpc::Channel>& channel, const std::string& path,
                      const std::string& request, absl::Time deadline, Message* response) {
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(deadline));
  grpc::Slice slice(request);
  grpc::ByteBuffer sent(&slice, 1);
  grpc::ByteBuffer received;
  grpc::Status status;
  absl::Notification over;
  grpc::GenericStub stub(channel);
  stub.UnaryCall(&context, path, grpc::StubOptions(), &sent, &received,
                 [&status, &over](grpc::Status result) {
                   status = std::move(result);
                   over.Notify();
                 });
  over.WaitForNotification();
  if (!status.ok()) return FromGrpcStatus(status);
  grpc::Slice answer;
  if (!received.DumpToSingleSlice(&answer).ok() ||
      !response->ParseFromArray(answer.begin(), static_cast<int>(answer.size()))) {
    return absl::InternalError(absl::StrCat("the answer of ", path, " can't be read"));
  }
  return absl::OkStatus();
}

}  // namespace

bool IsRetryable(absl::StatusCode code) { return code == absl::StatusCode::kUnavailable; }

absl::Duration RetryPause(int attempt, double spread) {
  const int doublings = std::clamp(attempt - 2, 0, 5);
  const absl::Duration base =
      std::min(absl::Milliseconds(100) * (1 << doublings), absl::Seconds(2));
  return base * (0.8 + 0.4 * spread);
}

std::string MethodPath(const MethodDescriptor& method) {
  return absl::StrCat("/", method.service()->full_name(), "/", method.name());
}

Client::Client(ClientOptions options) : options_(std::move(options)) {
  grpc::ChannelArguments arguments;
  // gRPC's own retries are off: there is one table, the one above.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // How long one attempt to connect may take; a far or busy server needs more than a moment.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2000);
  // A directory on this machine is never reached through a proxy.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  channel_ =
      grpc::CreateCustomChannel(options_.target, grpc::InsecureChannelCredentials(), arguments);
}

absl::Status Client::Call(const MethodDescriptor& method, const Message& request,
                          Message* response) const {
  if (request.GetDescriptor() != method.input_type() ||
      response->GetDescriptor() != method.output_type()) {
    return absl::InvalidArgumentError(absl::StrCat(method.full_name(), " takes ",
                                                   method.input_type()->name(), " and answers ",
                                                   method.output_type()->name()));
  }
  std::unique_ptr<Message> filled(request.New());
  filled->CopyFrom(request);
  FillRequestId(filled.get());
  const std::string path = MethodPath(method);
  const std::string bytes = filled->SerializeAsString();
  const absl::Time deadline = absl::Now() + options_.timeout;
  absl::BitGen random;
  for (int attempt = 1;; ++attempt) {
    absl::Status status = CallOnce(channel_, path, bytes, deadline, response);
    if (status.ok() || !IsRetryable(status.code()) || attempt >= options_.max_attempts)
      return status;
    absl::Duration pause = RetryPause(attempt + 1, absl::Uniform(random, 0.0, 1.0));
    if (auto asked = DescribeError(status).retry_after) pause = std::max(pause, *asked);
    if (absl::Now() + pause >= deadline) return status;
    absl::SleepFor(pause);
  }
}

absl::Status Client::Call(std::string_view method, const Message& request,
                          Message* response) const {
  const MethodDescriptor* found =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(method));
  if (found == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("no method ", std::string(method), " in the generated code"));
  }
  return Call(*found, request, response);
}

}  // namespace tandem::client
