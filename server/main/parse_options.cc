// SPDX-License-Identifier: Apache-2.0

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"

#include "main/options.h"

#ifndef TANDEM_VERSION
#error "TANDEM_VERSION comes from the build"
#endif

namespace tandem::server {
namespace {

constexpr const char* kFooter = R"(
Exit codes: 0 stopped in order; 1 failed; 2 wrong option; 3 the data directory can't be opened safely;
4 the listener or the admin socket can't be opened; 5 storage failed while serving.)";

// "35d", "12h", "90m", "30s"; "0" is for ever. Nullopt for anything else and for less than a
// second.
std::optional<absl::Duration> ParseRetention(const std::string& text) {
  if (text == "0") return absl::InfiniteDuration();
  absl::Duration unit = absl::Seconds(1);
  const std::string number = text.substr(0, text.empty() ? 0 : text.size() - 1);
  int64_t count = 0;
  if (!absl::SimpleAtoi(number, &count) || count < 1 || count > 1'000'000'000) return std::nullopt;
  switch (text.back()) {
    case 'd':
      unit = absl::Hours(24);
      break;
    case 'h':
      unit = absl::Hours(1);
      break;
    case 'm':
      unit = absl::Minutes(1);
      break;
    case 's':
      break;
    default:
      return std::nullopt;
  }
  return count * unit;
}

}  // namespace

CommandLine ParseCommandLine(int argc, char** argv) {
  CommandLine result;
  Options& options = result.options;
  CLI::App app("tandemd: the directory and matching engine of Tandem.", "tandemd");
  app.footer(kFooter);
  app.set_version_flag("--version", "tandemd " TANDEM_VERSION);
  app.add_option("--data-dir", options.data_dir, "Where the directory lies; made when absent")
      ->required();
  app.add_option("--listen", options.listen, "HOST:PORT of the public listener; loopback only")
      ->capture_default_str();
  app.add_option("--admin-socket", options.admin_socket, "Unix socket of the admin services");
  app.add_option("--port-file", options.port_file,
                 "File for the public port, written once the server answers");
  app.add_option("--plugin-dir", options.plugin_dir, "Folder of plugin bundles");
  app.add_flag("--allow-unsigned-plugins", options.allow_unsigned_plugins,
               "Load bundles without a signature");
  app.add_option("--accept-data-loss", options.accept_data_loss,
                 "Open a directory that lost acknowledged writes, up to this revision");
  std::string retention;
  app.add_option("--history-retention", retention,
                 "How long changes are kept, for example 35d or 12h; 0 keeps all")
      ->default_str("35d")
      ->check([&options](const std::string& text) {
        std::optional<absl::Duration> given = ParseRetention(text);
        if (given) options.history_retention = *given;
        return given ? std::string() : text + " is no time of at least 1s; write 35d, 12h or 0";
      });
  app.add_option("--record-cache-mib", options.record_cache_mib,
                 "Memory for records read last, MiB")
      ->check(CLI::Range(1, 1048576))
      ->capture_default_str();
  app.add_option("--worker-threads", options.worker_threads,
                 "Threads for work that may wait for a disk")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--match-workers", options.match_workers, "Match runs at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--match-threads", options.match_threads, "Threads of one match run")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  int64_t drain_seconds = absl::ToInt64Seconds(options.drain_timeout);
  app.add_option("--drain-seconds", drain_seconds, "Longest wait for running calls when stopping")
      ->check(CLI::Range(0, 3600))
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    result.exit_code = app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    result.exit_code = 2;
  }
  options.drain_timeout = absl::Seconds(drain_seconds);
  return result;
}

}  // namespace tandem::server
