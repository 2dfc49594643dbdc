// SPDX-License-Identifier: Apache-2.0

// Everything an operator can set, with its default. Read once at start from the command line.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tandem::server {

struct Options {
  // ---- behaviour ----

  // Where the directory lies; made when absent.
  std::string data_dir;
  // Address of the public listener, "HOST:PORT"; port 0 lets the kernel choose. Loopback only:
  // without TLS a listener anywhere else is refused.
  std::string listen = "127.0.0.1:7310";
  // Unix socket of the admin services, mode 0600. Empty: none.
  std::string admin_socket;
  // File the public port is written to once the server answers. Empty: none.
  std::string port_file;
  // Folder of plugin bundles. Empty: no plugins.
  std::string plugin_dir;
  // Bundles without a signature may be loaded. Said out loud at start.
  bool allow_unsigned_plugins = false;
  // Open a directory that lost acknowledged writes, up to this revision. See the message that asks
  // for it.
  std::optional<int64_t> accept_data_loss;

  // How long changes can be asked for: what a consumer that was away for so long finds. Older ones
  // go with the record versions they superseded. Infinite: for ever.
  absl::Duration history_retention = absl::Hours(24 * 35);

  // ---- performance ----

  // Memory for records read last and for the database's blocks. Every published figure tells it.
  int64_t record_cache_mib = 256;
  // Threads for work that may wait for a disk.
  int worker_threads = 4;
  // Match runs at the same time.
  int match_workers = 1;
  // Threads of one match run when its request names none.
  int match_threads = 2;
  // Longest wait for running calls when stopping.
  absl::Duration drain_timeout = absl::Seconds(20);
};

// What the command line asked for.
struct CommandLine {
  Options options;
  // Set when the process should end at once (--help, --version, a wrong option): the exit code.
  std::optional<int> exit_code;
};

// Reads the command line; prints help, version or what is wrong with it.
CommandLine ParseCommandLine(int argc, char** argv);

}  // namespace tandem::server
