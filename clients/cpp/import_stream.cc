// SPDX-License-Identifier: Apache-2.0

#include "cpp/import_stream.h"

#include <utility>

namespace tandem::client {

ImportStream::ImportStream(std::shared_ptr<grpc::Channel> channel,
                           const google::protobuf::MethodDescriptor& method)
    : stream_(std::move(channel), method) {}

bool ImportStream::Write(const std::string& message, absl::Duration limit) {
  return stream_.Write(message, limit);
}

void ImportStream::FinishWriting() { stream_.FinishWriting(); }

std::optional<v1::ImportResponse> ImportStream::Read(absl::Duration limit) {
  std::optional<std::string> bytes = stream_.Read(limit);
  v1::ImportResponse answer;
  if (!bytes) return std::nullopt;
  if (!answer.ParseFromString(*bytes)) {
    stream_.Cancel();
    return std::nullopt;
  }
  return answer;
}

bool ImportStream::ended() const { return stream_.ended(); }

absl::Status ImportStream::Close(absl::Duration limit) { return stream_.Close(limit); }

}  // namespace tandem::client
