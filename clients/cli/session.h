// SPDX-License-Identifier: Apache-2.0

// What every command gets: the global options, the streams to print on, and the clients, made when
// first used. One thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

#include "cli/output.h"
#include "cpp/client.h"

namespace tandem::cli {

// Flags that every command takes. Those that a context may set are taken from the flag, else from
// the environment, else from the context, else from here.
struct GlobalOptions {
  // TANDEM_CONTEXT: the context to use; empty: the current one of the file.
  std::string context;
  // TANDEM_SERVER.
  std::string server = "127.0.0.1:7310";
  // TANDEM_ADMIN_SOCKET: the path of the admin socket; empty: none named.
  std::string admin_socket;
  // Longest time of one call, for example "10s" or "500ms"; a bare number counts seconds.
  std::string timeout = "10s";
  // A word of OutputFormatWords().
  std::string output = "table";
  // Columns of tables of records instead of the type's own: field paths.
  std::vector<std::string> columns;
  // Tables without their first line.
  bool no_headers = false;
  bool no_color = false;
  // No progress and no notes on standard error.
  bool quiet = false;
  // Where the value of a flag that a context may set came from, by flag: "flag", the name of the
  // environment variable, "context NAME" or "default".
  std::map<std::string, std::string> origins;
};

// Where a process prints and whether people look at it.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Columns of a line of results that is meant for people.
  size_t width = 100;
};

class Session {
 public:
  // `options` must be valid (see ParseTimeout and the parser's checks). `context_status` tells what
  // became of taking the context: commands that need no server run whatever it says.
  Session(GlobalOptions options, Streams streams, absl::Status context_status = absl::OkStatus());

  // How results are printed.
  Output output() const;
  // Progress, notes and errors.
  std::ostream& err() const { return streams_.err; }
  bool colour_errors() const { return colour_errors_; }
  // Whether a changing progress line makes sense.
  bool shows_progress() const { return streams_.err_is_terminal && !options_.quiet; }
  bool quiet() const { return options_.quiet; }
  const GlobalOptions& options() const { return options_; }
  const absl::Status& context_status() const { return context_status_; }
  // Columns of a line for people.
  size_t width() const { return streams_.width; }

  // The client of the public address.
  const client::Client& Public();
  // The client of the admin socket; USAGE error when none is named.
  absl::StatusOr<const client::Client*> Admin();
  // A client of the public address that tries once and gives up soon: for what may be missing
  // without harm.
  client::Client Hasty() const;
  // The same of the admin socket; every call fails when none is named.
  client::Client HastyAdmin() const;

 private:
  GlobalOptions options_;
  Streams streams_;
  absl::Status context_status_;
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
