// SPDX-License-Identifier: Apache-2.0

#include "service/export_stream.h"

#include <atomic>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "model/error.h"
#include "model/status_macros.h"
#include "service/byte_buffer.h"
#include "service/call.h"
#include "service/export_chunk.h"

namespace tandem::service {
namespace {

// One thing at a time: a step on a worker that reads ahead, or one message that is being written.
// So nothing here needs a lock.
class ExportStream final : public ServerStreamReactor {
 public:
  ExportStream(const model::ResourceTraits& resource, const Directory& directory,
               const MethodRule* rule, grpc::CallbackServerContext* context)
      : resource_(resource), directory_(directory), rule_(rule), context_(context) {}

  void Start(const grpc::ByteBuffer& request) {
    absl::Status opened = Open(request);
    const store::Revision revision =
        opened.ok() ? cursor_->revision() : directory_.catalog->revision();
    context_->AddInitialMetadata(kRevisionKey, std::to_string(revision));
    if (!opened.ok()) return End(opened);
    messages_.push_back(cursor_->FirstMessage());
    WriteNext();
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(model::MakeError(model::Reason::kCancelled, "the caller went away"));
    if (!messages_.empty()) return WriteNext();
    if (cursor_->done()) return End(absl::OkStatus());
    if (!directory_.workers->Continue([this] { Step(); })) {
      End(model::MakeError(model::Reason::kShuttingDown,
                           "the server is stopping; go on with the last resume_token"));
    }
  }

  void OnCancel() override { cancelled_.store(true, std::memory_order_relaxed); }
  void OnDone() override { delete this; }

 private:
  absl::Status Open(const grpc::ByteBuffer& bytes) {
    RETURN_IF_ERROR(CheckMetadata(*context_));
    RETURN_IF_ERROR(CheckRequest(bytes));
    ExportRequest request;
    RETURN_IF_ERROR(ParseMessage(bytes, &request));
    absl::Span<const std::string> names(&request.parent(), request.parent().empty() ? 0 : 1);
    ASSIGN_OR_RETURN(query::Scope scope,
                     directory_.authoriser->Authorise(kLocalPrincipal, rule_, names));
    ASSIGN_OR_RETURN(ExportCursor cursor,
                     ExportCursor::Open(resource_, directory_, request, std::move(scope)));
    cursor_ = std::move(cursor);
    return absl::OkStatus();
  }

  // On a worker.
  void Step() {
    if (cancelled_.load(std::memory_order_relaxed)) {
      return End(model::MakeError(model::Reason::kCancelled, "the caller went away"));
    }
    absl::StatusOr<std::deque<std::string>> messages = cursor_->NextMessages();
    if (!messages.ok()) return End(messages.status());
    messages_ = *std::move(messages);
    WriteNext();
  }

  void WriteNext() {
    buffer_ = MoveToBuffer(std::move(messages_.front()));
    messages_.pop_front();
    StartWrite(&buffer_);
  }

  void End(const absl::Status& status) {
    Finish(ToGrpcStatus(status, rule_ == nullptr ? "" : rule_->method, directory_.incidents));
  }

  const model::ResourceTraits& resource_;
  const Directory& directory_;
  const MethodRule* const rule_;
  grpc::CallbackServerContext* const context_;
  std::optional<ExportCursor> cursor_;
  // Read and not yet sent.
  std::deque<std::string> messages_;
  // gRPC's while a write is under way.
  grpc::ByteBuffer buffer_;
  std::atomic<bool> cancelled_{false};
};

}  // namespace

ServerStreamReactor* StartExport(const model::ResourceTraits& resource, const Directory& directory,
                                 const MethodRule* rule, grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* request) {
  auto* stream = new ExportStream(resource, directory, rule, context);
  stream->Start(*request);
  return stream;
}

}  // namespace tandem::service
