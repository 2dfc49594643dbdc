// SPDX-License-Identifier: Apache-2.0

// The records of one kind as they were at one revision, through the server's export stream. A
// stream that breaks goes on behind the last message that came whole.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "cli/record_feed.h"
#include "cpp/message_stream.h"

namespace tandem::cli {

// `client` and `noun`, which must have an export method, must outlive it.
class ExportFeed : public RecordFeed {
 public:
  ExportFeed(const client::Client& client, const Noun& noun, const std::string& filter);

  absl::StatusOr<bool> Next(google::protobuf::Message* record) override;
  int64_t revision() const override { return revision_; }

 private:
  // Times in a row that a broken stream is opened again without a message.
  static constexpr int kMaxReopenings = 5;
  // Messages of at most 64 KiB that wait to be read.
  static constexpr size_t kMostWaiting = 4;

  absl::Status ReadMessage();
  // Why the stream gave no message; OK when it is worth another attempt.
  absl::Status Broken(int attempt);

  const client::Client& client_;
  const google::protobuf::MethodDescriptor& method_;
  std::unique_ptr<google::protobuf::Message> request_;
  std::unique_ptr<google::protobuf::Message> message_;
  const google::protobuf::FieldDescriptor* records_;
  std::unique_ptr<client::MessageStream> stream_;
  int at_ = 0;
  int64_t revision_ = 0;
  bool over_ = false;
};

}  // namespace tandem::cli
