// SPDX-License-Identifier: Apache-2.0

#include "service/call.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "service/byte_buffer.h"

namespace tandem::service {
namespace {

// HTTP/2 counts 32 bytes for each entry beside its text (RFC 9113, 6.5.2).
constexpr size_t kEntryOverhead = 32;
constexpr absl::Duration kOverloadedRetry = absl::Milliseconds(100);

absl::Time DeadlineOf(const grpc::CallbackServerContext& context) {
  absl::Time now = absl::Now();
  auto given = context.deadline();
  if (given == std::chrono::system_clock::time_point::max()) return now + kDefaultDeadline;
  return std::min(absl::FromChrono(given), now + kMaxDeadline);
}

}  // namespace

absl::Status CheckMetadata(const grpc::CallbackServerContext& context) {
  size_t total = 0;
  for (const auto& [key, value] : context.client_metadata()) {
    total += key.size() + value.size() + kEntryOverhead;
  }
  if (total <= kMaxMetadataBytes) return absl::OkStatus();
  return model::MakeError(
      model::Reason::kLimitExceeded,
      StrCat("the call's metadata has ", total, " bytes; at most ", kMaxMetadataBytes,
             " are allowed"),
      {{"limit", "metadata"}, {"max", StrCat(kMaxMetadataBytes)}, {"actual", StrCat(total)}});
}

absl::Status CheckRequest(const grpc::ByteBuffer& request) {
  const size_t size = request.Length();
  if (size <= kMaxRequestBytes) return absl::OkStatus();
  return model::MakeError(
      model::Reason::kLimitExceeded,
      StrCat("the request has ", size, " bytes; at most ", kMaxRequestBytes, " are allowed"),
      {{"limit", "request"}, {"max", StrCat(kMaxRequestBytes)}, {"actual", StrCat(size)}});
}

UnaryCall::UnaryCall(const Directory* directory, const MethodRule* rule,
                     grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                     grpc::ByteBuffer* response)
    : directory_(directory),
      rule_(rule),
      context_(context),
      request_(request),
      response_(response),
      reactor_(context->DefaultReactor()),
      principal_(kLocalPrincipal),
      deadline_(DeadlineOf(*context)) {}

absl::Status UnaryCall::CheckLimits() const {
  if (absl::Status fits = CheckRequest(*request_); !fits.ok()) return fits;
  return CheckMetadata(*context_);
}

absl::Status UnaryCall::Parse(google::protobuf::Message* request) const {
  return ParseMessage(*request_, request);
}

absl::Status UnaryCall::Authorise(absl::Span<const std::string> names) {
  absl::StatusOr<query::Scope> scope = directory_->authoriser->Authorise(principal_, rule_, names);
  if (!scope.ok()) return scope.status();
  scope_ = *std::move(scope);
  authorised_ = true;
  return absl::OkStatus();
}

absl::Status UnaryCall::CheckStillWanted() const {
  if (context_->IsCancelled()) {
    return model::MakeError(model::Reason::kCancelled, "the caller went away");
  }
  if (absl::Now() > deadline_) {
    return model::MakeError(model::Reason::kDeadlineExceeded,
                            "the time was over before the work began");
  }
  return absl::OkStatus();
}

void UnaryCall::Reply(grpc::ByteBuffer bytes, store::Revision revision) {
  if (!authorised_) {
    return Fail(absl::InternalError(StrCat(method(), " answered without authorisation")));
  }
  if (bytes.Length() > kMaxResponseBytes) {
    return Fail(model::MakeError(model::Reason::kLimitExceeded,
                                 StrCat("the answer has ", bytes.Length(), " bytes; at most ",
                                        kMaxResponseBytes, " are sent: ask for less"),
                                 {{"limit", "response"},
                                  {"max", StrCat(kMaxResponseBytes)},
                                  {"actual", StrCat(bytes.Length())}}));
  }
  context_->AddInitialMetadata(kRevisionKey, std::to_string(revision));
  response_->Swap(&bytes);
  reactor_->Finish(grpc::Status::OK);
}

void UnaryCall::Reply(const google::protobuf::Message& message, store::Revision revision) {
  Reply(ToBuffer(message), revision);
}

void UnaryCall::Fail(const absl::Status& status) {
  context_->AddInitialMetadata(kRevisionKey, std::to_string(directory_->catalog->revision()));
  reactor_->Finish(ToGrpcStatus(status, method(), directory_->incidents));
}

void RunOnWorker(std::shared_ptr<UnaryCall> call, std::function<void()> work) {
  WorkerPool* workers = call->directory().workers;
  bool queued = workers->TryRun([call, work = std::move(work)] {
    if (absl::Status wanted = call->CheckStillWanted(); !wanted.ok()) return call->Fail(wanted);
    work();
  });
  if (!queued) {
    call->Fail(model::WithRetryAfter(
        model::MakeError(model::Reason::kOverloaded, "too much work is waiting; try again"),
        kOverloadedRetry));
  }
}

}  // namespace tandem::service
