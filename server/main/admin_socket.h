// SPDX-License-Identifier: Apache-2.0

// The file of the admin socket: free for us, and from its first moment open to its owner alone.
#pragma once

#include <sys/stat.h>

#include <string>

#include "absl/status/status.h"

namespace tandem::server {

// Removes a socket that was left over at `path`. Refused: a path too long for a socket, a file that
// is no socket, a socket somebody answers on.
absl::Status MakeWayForSocket(const std::string& path);

// While one exists, files this process makes can be opened by their owner only. Before calls are
// answered, by one thread.
class SocketModeGuard {
 public:
  SocketModeGuard() : before_(umask(0177)) {}
  ~SocketModeGuard() { umask(before_); }
  SocketModeGuard(const SocketModeGuard&) = delete;
  SocketModeGuard& operator=(const SocketModeGuard&) = delete;

 private:
  const mode_t before_;
};

}  // namespace tandem::server
