// SPDX-License-Identifier: Apache-2.0

// The one place where the server's objects are made, bottom up, and taken down again in the
// reverse order. Nothing is a global and nothing registers itself.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "main/options.h"

namespace tandem::server {

// Exit codes, as --help lists them.
inline constexpr int kExitStopped = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitWrongOption = 2;
inline constexpr int kExitDataDir = 3;
inline constexpr int kExitListener = 4;
inline constexpr int kExitStorageFailed = 5;

// Why a start was refused, with the exit code that tells scripts.
struct StartError {
  absl::Status status;
  int exit_code = kExitFailed;
};

// Owns everything between the disk and the listeners. Used by one thread; calls are answered on
// gRPC's threads.
class Server {
 public:
  // Opens the data directory, loads the catalog, restores plugins and starts to listen. `options`
  // are checked here. Null with `error` filled when something forbids it.
  static std::unique_ptr<Server> Start(const Options& options, StartError* error);
  // Stops at once when Drain was not called.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // The port of the public listener.
  int port() const;
  // A file descriptor that becomes readable when storage failed for good; for the main loop.
  int storage_failed_fd() const;

  // Says NOT_SERVING, refuses new calls, lets running ones end for at most `timeout`, then stops
  // what writes and closes the data directory. The error, if closing met one.
  absl::Status Drain(absl::Duration timeout);

 private:
  class Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tandem::server
