// SPDX-License-Identifier: Apache-2.0

// One call from its arrival to its one answer: limits that hold before any work, the caller and
// what it may see, the deadline, and the revision every answer tells. Handlers get a call, may keep
// it across threads, and answer it once.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"
#include "query/scope.h"
#include "service/directory.h"
#include "store/log.h"

namespace tandem::service {

inline constexpr size_t kMaxRequestBytes = size_t{1} << 20U;
inline constexpr size_t kMaxResponseBytes = size_t{4} << 20U;
inline constexpr size_t kMaxMetadataBytes = size_t{16} << 10U;
inline constexpr absl::Duration kDefaultDeadline = absl::Seconds(10);
inline constexpr absl::Duration kMaxDeadline = absl::Seconds(60);
// Initial metadata of every answer: the revision it was made at.
inline constexpr char kRevisionKey[] = "tandem-revision";

// LIMIT_EXCEEDED when the call's metadata is larger than allowed.
absl::Status CheckMetadata(const grpc::CallbackServerContext& context);
// LIMIT_EXCEEDED when the request is larger than allowed.
absl::Status CheckRequest(const grpc::ByteBuffer& request);

// A unary call. Any one thread at a time.
class UnaryCall {
 public:
  UnaryCall(const Directory* directory, const MethodRule* rule,
            grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
            grpc::ByteBuffer* response);
  UnaryCall(const UnaryCall&) = delete;
  UnaryCall& operator=(const UnaryCall&) = delete;

  const Directory& directory() const { return *directory_; }
  // "tandem.v1.AgencyService/GetAgency".
  std::string_view method() const { return rule_ == nullptr ? "" : rule_->method; }
  const std::string& principal() const { return principal_; }
  // When the caller stops waiting; never infinite.
  absl::Time deadline() const { return deadline_; }
  // What Authorise decided.
  const query::Scope& scope() const { return scope_; }

  // Size of the request and its metadata. Before anything else.
  absl::Status CheckLimits() const;
  // Reads the request.
  absl::Status Parse(google::protobuf::Message* request) const;
  // Before any look at the directory; an answer without it is a fault. PERMISSION_DENIED.
  absl::Status Authorise(absl::Span<const std::string> names);
  // DEADLINE_EXCEEDED or CANCELLED when nobody waits any more: for work that comes off a queue.
  absl::Status CheckStillWanted() const;

  // The one answer. `revision`: what it was read or committed at.
  void Reply(grpc::ByteBuffer bytes, store::Revision revision);
  void Reply(const google::protobuf::Message& message, store::Revision revision);
  void Fail(const absl::Status& status);

  // The reactor gRPC waits on.
  grpc::ServerUnaryReactor* reactor() const { return reactor_; }

 private:
  const Directory* const directory_;
  const MethodRule* const rule_;
  grpc::CallbackServerContext* const context_;
  const grpc::ByteBuffer* const request_;
  grpc::ByteBuffer* const response_;
  grpc::ServerUnaryReactor* const reactor_;
  const std::string principal_;
  const absl::Time deadline_;
  bool authorised_ = false;
  query::Scope scope_;
};

// Answers a unary call, now or later. Handlers run on gRPC's threads and must not wait.
using UnaryHandler = std::function<void(std::shared_ptr<UnaryCall>)>;

// Runs `work` on a worker: OVERLOADED when too many wait, and not at all when nobody waits for the
// answer any more.
void RunOnWorker(std::shared_ptr<UnaryCall> call, std::function<void()> work);

}  // namespace tandem::service
