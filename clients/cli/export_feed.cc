// SPDX-License-Identifier: Apache-2.0

#include "cli/export_feed.h"

#include <optional>

#include "absl/time/clock.h"

#include "cli/request_fields.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {

ExportFeed::ExportFeed(const client::Client& client, const Noun& noun, const std::string& filter)
    : client_(client),
      method_(*noun.Method("Export")),
      request_(NewMessage(method_.input_type())),
      message_(NewMessage(method_.output_type())),
      records_(RecordField(method_.output_type(), noun.Record())) {
  SetText(request_.get(), "filter", filter);
}

absl::StatusOr<bool> ExportFeed::Next(google::protobuf::Message* record) {
  const auto* reflection = message_->GetReflection();
  while (at_ >= reflection->FieldSize(*message_, records_)) {
    if (over_) return false;
    RETURN_IF_ERROR(ReadMessage());
  }
  record->CopyFrom(reflection->GetRepeatedMessage(*message_, records_, at_++));
  return true;
}

absl::Status ExportFeed::ReadMessage() {
  const absl::Duration limit = client_.options().timeout;
  for (int attempt = 1;; ++attempt) {
    if (stream_ == nullptr) {
      stream_ = std::make_unique<client::MessageStream>(client_.channel(), method_, kMostWaiting);
      stream_->Write(request_->SerializeAsString(), limit);
      stream_->FinishWriting();
    }
    const std::optional<std::string> bytes = stream_->Read(limit);
    if (bytes) {
      if (!message_->ParseFromString(*bytes)) {
        return absl::InternalError("a message of the export can't be read");
      }
      at_ = 0;
      revision_ = Int64Field(*message_, "revision");
      const std::string token = client::TextField(*message_, "resume_token");
      over_ = token.empty();
      client::SetTextField(request_.get(), "resume_token", token);
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(Broken(attempt));
  }
}

absl::Status ExportFeed::Broken(int attempt) {
  if (!stream_->ended()) {
    return client::MakeClientError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                                   "the export gave nothing for the time of --timeout");
  }
  absl::Status status = stream_->Close(client_.options().timeout);
  stream_.reset();
  if (status.ok()) return absl::InternalError("the server ended the export before its end");
  if (!client::IsRetryable(status.code()) || attempt > kMaxReopenings) return status;
  absl::SleepFor(client::RetryPause(attempt + 1, 0.5));
  return absl::OkStatus();
}

}  // namespace tandem::cli
