// SPDX-License-Identifier: Apache-2.0

// One streaming call of any kind with blocking calls and time limits on top of gRPC's callbacks:
// serialised messages in, serialised messages out. Answers are read as they come, so a writer never
// waits for a reader.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"

namespace tandem::client {

// One open call. Used by one thread.
class MessageStream {
 public:
  // No bound on the answers that wait to be read.
  static constexpr size_t kUnbounded = 0;

  // Opens the call of `method`; errors show in Write, Read and Close. Reading from the server
  // pauses while `max_waiting` answers wait.
  MessageStream(std::shared_ptr<grpc::Channel> channel,
                const google::protobuf::MethodDescriptor& method, size_t max_waiting = kUnbounded);
  // Cancels the call when it is still open and waits for its end.
  ~MessageStream();
  MessageStream(const MessageStream&) = delete;
  MessageStream& operator=(const MessageStream&) = delete;

  // Hands one message to the transport, waiting at most `limit`. False: the stream broke or the
  // time was over; Close tells why.
  bool Write(const std::string& message, absl::Duration limit);

  // Says that no more messages follow.
  void FinishWriting();

  // The next answer, waiting at most `limit`; nullopt when there is none.
  std::optional<std::string> Read(absl::Duration limit);

  // Whether the server ended the call; answers may still be waiting.
  bool ended() const;

  // Ends the call from this side; Close answers CANCELLED unless it ended before.
  void Cancel();

  // Waits at most `limit` for the end of the call and answers its status; DEADLINE_EXCEEDED and the
  // call is cancelled when the time was over first.
  absl::Status Close(absl::Duration limit);

 private:
  class Reactor;
  std::unique_ptr<Reactor> reactor_;
};

}  // namespace tandem::client
