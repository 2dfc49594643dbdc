// SPDX-License-Identifier: Apache-2.0

#include "cpp/importer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

#include "cpp/call_error.h"
#include "cpp/request_id.h"
#include "cpp/status_macros.h"

namespace tandem::client {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The three fields of an import request are found by number: all import methods share them.
constexpr int kOptionsField = 1;
constexpr int kFirstNumberField = 2;
constexpr int kRecordsField = 3;
constexpr int kSyncEndField = 4;

const FieldDescriptor* RequestField(const Message& request, int number) {
  return request.GetDescriptor()->FindFieldByNumber(number);
}

std::unique_ptr<Message> NewRequest(const google::protobuf::MethodDescriptor& method) {
  return std::unique_ptr<Message>(google::protobuf::MessageFactory::generated_factory()
                                      ->GetPrototype(method.input_type())
                                      ->New());
}

absl::Status NoAnswer(absl::Duration limit) {
  return MakeClientError(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                         absl::StrCat("no answer to the import for ", absl::FormatDuration(limit)));
}

}  // namespace

Importer::Importer(const Client& client, const google::protobuf::MethodDescriptor& method,
                   v1::ImportOptions options, ImportEvents events)
    : client_(client),
      method_(method),
      options_(std::move(options)),
      events_(std::move(events)),
      open_chunk_(NewRequest(method)) {
  if (options_.request_id().empty()) options_.set_request_id(NewRequestId());
}

absl::Status Importer::Start(bool resume) {
  RETURN_IF_ERROR(SendOptions());
  // A fresh import has nothing to learn before its first chunk.
  return resume ? ReadAnswer(/*wait=*/true) : absl::OkStatus();
}

absl::Status Importer::SendOptions() {
  stream_ = std::make_unique<ImportStream>(client_.channel(), method_);
  std::unique_ptr<Message> request = NewRequest(method_);
  const FieldDescriptor* field = RequestField(*request, kOptionsField);
  request->GetReflection()->MutableMessage(request.get(), field)->CopyFrom(options_);
  // A broken stream shows again at the next write, with its status.
  stream_->Write(request->SerializeAsString(), client_.options().timeout);
  return absl::OkStatus();
}

absl::Status Importer::Add(const Message& record) {
  const int64_t number = next_number_++;
  if (number <= settled_ && !sends_all()) return absl::OkStatus();
  const auto* reflection = open_chunk_->GetReflection();
  const FieldDescriptor* records = RequestField(*open_chunk_, kRecordsField);
  const size_t bytes = record.ByteSizeLong() + 4;
  const int held = reflection->FieldSize(*open_chunk_, records);
  if (held > 0 && (open_bytes_ + bytes > kChunkBytes || held >= kChunkRecords)) {
    RETURN_IF_ERROR(SendOpenChunk());
  }
  if (reflection->FieldSize(*open_chunk_, records) == 0) {
    reflection->SetInt64(open_chunk_.get(), RequestField(*open_chunk_, kFirstNumberField), number);
  }
  reflection->AddMessage(open_chunk_.get(), records)->CopyFrom(record);
  open_bytes_ += bytes;
  return absl::OkStatus();
}

absl::Status Importer::SendOpenChunk() {
  const FieldDescriptor* records = RequestField(*open_chunk_, kRecordsField);
  const int64_t first = open_chunk_->GetReflection()->GetInt64(
      *open_chunk_, RequestField(*open_chunk_, kFirstNumberField));
  const int held = open_chunk_->GetReflection()->FieldSize(*open_chunk_, records);
  std::string bytes = open_chunk_->SerializeAsString();
  open_chunk_->Clear();
  open_bytes_ = 0;
  // A resumption may have shown meanwhile that all of it is settled.
  if (first + held - 1 <= settled_ && !sends_all()) return absl::OkStatus();
  while (in_flight_.size() >= kChunksInFlight) RETURN_IF_ERROR(ReadAnswer(/*wait=*/true));
  RETURN_IF_ERROR(ReadAnswer(/*wait=*/false));
  in_flight_.push_back({first + held - 1, std::move(bytes)});
  if (stream_->Write(in_flight_.back().bytes, client_.options().timeout)) return absl::OkStatus();
  return Reopen();
}

absl::Status Importer::ReadAnswer(bool wait) {
  const absl::Duration limit = wait ? client_.options().timeout : absl::ZeroDuration();
  while (std::optional<v1::ImportResponse> answer = stream_->Read(limit)) {
    Take(*answer);
    if (wait) return absl::OkStatus();
  }
  if (stream_->ended()) return Reopen();
  if (!wait) return absl::OkStatus();
  return NoAnswer(limit);
}

void Importer::Take(const v1::ImportResponse& answer) {
  for (const v1::ImportError& error : answer.errors()) {
    if (events_.refused) events_.refused(error);
  }
  for (const v1::ImportWarning& warning : answer.warnings()) {
    if (events_.warned) events_.warned(warning);
  }
  if (answer.has_counts()) counts_ = answer.counts();
  if (answer.has_sync_result()) sync_result_ = answer.sync_result();
  if (sends_all() && ++answers_ > 1 && !in_flight_.empty()) {
    // One answer a message, whether its records were new to the server or not.
    const int64_t told = in_flight_.front().last_number;
    in_flight_.pop_front();
    settled_ = std::max(settled_, answer.durable_number());
    if (events_.settled) events_.settled(told);
    return;
  }
  if (answer.durable_number() <= settled_) return;
  settled_ = answer.durable_number();
  if (sends_all()) return;
  reopenings_ = 0;
  while (!in_flight_.empty() && in_flight_.front().last_number <= settled_) in_flight_.pop_front();
  if (events_.settled) events_.settled(settled_);
}

absl::Status Importer::Reopen() {
  for (;;) {
    absl::Status status = stream_->Close(client_.options().timeout);
    if (status.ok()) return absl::InternalError("the server ended the import before its end");
    // A check of everything that writes nothing leaves no trace to go on from.
    if (options_.validate_only() || sends_all()) return status;
    if (!IsRetryable(status.code()) || ++reopenings_ > kMaxReopenings) return status;
    absl::SleepFor(RetryPause(reopenings_ + 1, 0.5));
    if (events_.resumed) events_.resumed(settled_, status);
    RETURN_IF_ERROR(SendOptions());
    // The first answer tells what the server made durable before the break.
    std::optional<v1::ImportResponse> answer = stream_->Read(client_.options().timeout);
    if (!answer && stream_->ended()) continue;
    if (!answer) return NoAnswer(client_.options().timeout);
    Take(*answer);
    if (SendInFlight()) return absl::OkStatus();
  }
}

bool Importer::SendInFlight() {
  for (const Chunk& chunk : in_flight_) {
    if (!stream_->Write(chunk.bytes, client_.options().timeout)) return false;
  }
  return true;
}

absl::Status Importer::Flush() {
  const FieldDescriptor* records = RequestField(*open_chunk_, kRecordsField);
  if (open_chunk_->GetReflection()->FieldSize(*open_chunk_, records) == 0) return absl::OkStatus();
  return SendOpenChunk();
}

absl::Status Importer::EndSync(int64_t unread_count) {
  RETURN_IF_ERROR(Flush());
  std::unique_ptr<Message> request = NewRequest(method_);
  v1::SyncEnd end;
  end.set_record_count(next_number_ - 1);
  end.set_unread_count(unread_count);
  request->GetReflection()
      ->MutableMessage(request.get(), RequestField(*request, kSyncEndField))
      ->CopyFrom(end);
  in_flight_.push_back({next_number_ - 1, request->SerializeAsString()});
  if (stream_->Write(in_flight_.back().bytes, client_.options().timeout)) return absl::OkStatus();
  return Reopen();
}

absl::Status Importer::Finish() {
  RETURN_IF_ERROR(Flush());
  while (!in_flight_.empty()) RETURN_IF_ERROR(ReadAnswer(/*wait=*/true));
  stream_->FinishWriting();
  while (std::optional<v1::ImportResponse> answer = stream_->Read(client_.options().timeout)) {
    Take(*answer);
  }
  return stream_->Close(client_.options().timeout);
}

}  // namespace tandem::client
