// SPDX-License-Identifier: Apache-2.0

// One open stream of ChangeService.Watch, with blocking reads and time limits on top of gRPC's
// callbacks. The next message is asked for only when the one before was taken, so a slow reader
// slows the server down instead of filling memory.
#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "grpcpp/channel.h"
#include "tandem/v1/change_service.pb.h"

namespace tandem::client {

// Used by one thread.
class WatchStream {
 public:
  // Opens the stream; errors show in Read and status().
  WatchStream(std::shared_ptr<grpc::Channel> channel, const v1::WatchRequest& request);
  // Cancels the call when it is still open and waits for its end.
  ~WatchStream();
  WatchStream(const WatchStream&) = delete;
  WatchStream& operator=(const WatchStream&) = delete;

  // The next message, waiting at most `limit`; nullopt when there is none.
  std::optional<v1::WatchResponse> Read(absl::Duration limit);

  // Whether the server took the watch up.
  bool started() const;
  // Why the server ended the call; nullopt while it is open or messages are waiting.
  std::optional<absl::Status> status() const;

 private:
  class Reactor;
  std::unique_ptr<Reactor> reactor_;
};

}  // namespace tandem::client
