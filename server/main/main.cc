// SPDX-License-Identifier: Apache-2.0

// tandemd: the directory and matching engine of Tandem.

#include <csignal>
#include <cstdio>
#include <string>

#include "main/event_log.h"
#include "main/options.h"
#include "main/server.h"
#include "main/stop_signals.h"

namespace {

using tandem::server::Level;
using tandem::server::LogEvent;

int Refuse(const tandem::server::StartError& error) {
  std::string message(error.status.message());
  std::fprintf(stderr, "tandemd: %s\n", message.c_str());
  LogEvent(Level::kError, "start_refused",
           {{"detail", message}, {"exit_code", int64_t{error.exit_code}}});
  return error.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  tandem::server::CommandLine line = tandem::server::ParseCommandLine(argc, argv);
  if (line.exit_code) return *line.exit_code;
  // Before any thread: all of them leave stopping to this one.
  tandem::server::StopSignals signals;
  tandem::server::StartError error;
  std::unique_ptr<tandem::server::Server> server =
      tandem::server::Server::Start(line.options, &error);
  if (server == nullptr) return Refuse(error);
  std::string socket = line.options.admin_socket.empty() ? "none" : line.options.admin_socket;
  LogEvent(Level::kInfo, "serving", {{"port", int64_t{server->port()}}, {"admin_socket", socket}});
  std::printf("tandemd serves on port %d, admin socket %s\n", server->port(), socket.c_str());
  std::fflush(stdout);

  bool storage_failed = signals.Wait(server->storage_failed_fd());
  LogEvent(Level::kInfo, "stopping", {{"storage_failed", int64_t{storage_failed}}});
  // Who asks twice does not want to wait.
  signals.ExitOnNext(tandem::server::kExitFailed);
  absl::Status closed = server->Drain(line.options.drain_timeout);
  if (storage_failed) return tandem::server::kExitStorageFailed;
  if (!closed.ok()) {
    std::string detail = closed.ToString();
    LogEvent(Level::kError, "close_failed", {{"detail", detail}});
    return tandem::server::kExitFailed;
  }
  LogEvent(Level::kInfo, "stopped");
  return tandem::server::kExitStopped;
}
