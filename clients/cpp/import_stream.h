// SPDX-License-Identifier: Apache-2.0

// The two-way stream of an import method, with blocking calls and time limits on top of gRPC's
// callbacks. Answers are read as they come, so a writer never waits for a reader.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "grpcpp/channel.h"
#include "tandem/v1/import.pb.h"

namespace tandem::client {

// One open stream. Used by one thread.
class ImportStream {
 public:
  // Opens the stream of `method`; errors show in Write, Read and Close.
  ImportStream(std::shared_ptr<grpc::Channel> channel,
               const google::protobuf::MethodDescriptor& method);
  // Cancels the call when it is still open and waits for its end.
  ~ImportStream();
  ImportStream(const ImportStream&) = delete;
  ImportStream& operator=(const ImportStream&) = delete;

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
  class Reactor;
  std::unique_ptr<Reactor> reactor_;
};

}  // namespace tandem::client
