// SPDX-License-Identifier: Apache-2.0

// What every command gets: the global options, the streams to print on, and the clients, made when
// first used. One thread.
#pragma once

#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "cli/output.h"
#include "cpp/client.h"

namespace tandem::cli {

// Flags that every command takes.
struct GlobalOptions {
  // TANDEM_SERVER.
  std::string server = "127.0.0.1:7310";
  // TANDEM_ADMIN_SOCKET: the path of the admin socket; empty: none named.
  std::string admin_socket;
  // Longest time of one call, for example "10s" or "500ms"; a bare number counts seconds.
  std::string timeout = "10s";
  // "table", "json", "yaml" or "name".
  std::string output = "table";
  bool no_color = false;
  // No progress and no notes on standard error.
  bool quiet = false;
};

// Where a process prints and whether people look at it.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

class Session {
 public:
  // `options` must be valid (see ParseTimeout and the parser's checks).
  Session(GlobalOptions options, Streams streams);

  // How results are printed.
  Output output() const;
  // Progress, notes and errors.
  std::ostream& err() const { return streams_.err; }
  bool colour_errors() const { return colour_errors_; }
  // Whether a changing progress line makes sense.
  bool shows_progress() const { return streams_.err_is_terminal && !options_.quiet; }
  bool quiet() const { return options_.quiet; }
  const GlobalOptions& options() const { return options_; }

  // The client of the public address.
  const client::Client& Public();
  // The client of the admin socket; USAGE error when none is named.
  absl::StatusOr<const client::Client*> Admin();

 private:
  GlobalOptions options_;
  Streams streams_;
  bool colour_errors_ = false;
  std::unique_ptr<client::Client> public_;
  std::unique_ptr<client::Client> admin_;
};

// Reads the value of --timeout; nullopt when it is no time above zero.
std::optional<absl::Duration> ParseTimeout(const std::string& text);

// An error of the command line itself: exit code 2.
absl::Status UsageError(const std::string& message);
bool IsUsageError(const absl::Status& status);

}  // namespace tandem::cli
