// SPDX-License-Identifier: Apache-2.0

// The two-way stream of an import method: a MessageStream whose answers are ImportResponse.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"

#include "cpp/message_stream.h"
#include "tandem/v1/import.pb.h"

namespace tandem::client {

// One open stream. Used by one thread.
class ImportStream {
 public:
  // Opens the stream of `method`; errors show in Write, Read and Close.
  ImportStream(std::shared_ptr<grpc::Channel> channel,
               const google::protobuf::MethodDescriptor& method);

  // Hands one serialised message to the transport, waiting at most `limit`. False: the stream broke
  // or the time was over; Close tells why.
  bool Write(const std::string& message, absl::Duration limit);

  // Says that no more messages follow.
  void FinishWriting();

  // The next answer, waiting at most `limit`; nullopt when there is none.
  std::optional<v1::ImportResponse> Read(absl::Duration limit);

  // Whether the server ended the call; answers may still be waiting.
  bool ended() const;

  // Waits at most `limit` for the end of the call and answers its status; DEADLINE_EXCEEDED and the
  // call is cancelled when the time was over first.
  absl::Status Close(absl::Duration limit);

 private:
  MessageStream stream_;
};

}  // namespace tandem::client
