// SPDX-License-Identifier: Apache-2.0

#include "cli/session.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/numbers.h"

#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

constexpr char kUsage[] = "USAGE";

// https://no-color.org: any value but the empty one.
bool NoColorWanted() {
  const char* value = std::getenv("NO_COLOR");
  return value != nullptr && *value != '\0';
}

client::ClientOptions ClientOptionsFor(const GlobalOptions& options, std::string target) {
  client::ClientOptions out;
  out.target = std::move(target);
  out.timeout = ParseTimeout(options.timeout).value_or(out.timeout);
  return out;
}

}  // namespace

Session::Session(GlobalOptions options, Streams streams)
    : options_(std::move(options)),
      streams_(streams),
      colour_errors_(streams.err_is_terminal && !options_.no_color && !NoColorWanted()) {}

Output Session::output() const {
  OutputFormat format = OutputFormat::kTable;
  if (options_.output == "json") format = OutputFormat::kJson;
  if (options_.output == "yaml") format = OutputFormat::kYaml;
  if (options_.output == "name") format = OutputFormat::kName;
  const bool colour = streams_.out_is_terminal && !options_.no_color && !NoColorWanted();
  return {format, streams_.out, colour};
}

const client::Client& Session::Public() {
  if (!public_) {
    public_ = std::make_unique<client::Client>(ClientOptionsFor(options_, options_.server));
  }
  return *public_;
}

absl::StatusOr<const client::Client*> Session::Admin() {
  if (options_.admin_socket.empty()) {
    return UsageError(
        "plugin commands go to the admin socket: give --admin-socket PATH or set "
        "TANDEM_ADMIN_SOCKET");
  }
  if (!admin_) {
    admin_ = std::make_unique<client::Client>(
        ClientOptionsFor(options_, "unix:" + options_.admin_socket));
  }
  return admin_.get();
}

std::optional<absl::Duration> ParseTimeout(const std::string& text) {
  absl::Duration duration;
  double seconds = 0;
  if (absl::SimpleAtod(text, &seconds)) {
    duration = absl::Seconds(seconds);
  } else if (!absl::ParseDuration(text, &duration)) {
    return std::nullopt;
  }
  if (duration <= absl::ZeroDuration() || duration > absl::Hours(24)) return std::nullopt;
  return duration;
}

absl::Status UsageError(const std::string& message) {
  return client::MakeClientError(absl::StatusCode::kInvalidArgument, kUsage, message);
}

bool IsUsageError(const absl::Status& status) {
  return !status.ok() && client::DescribeError(status).reason == kUsage;
}

}  // namespace tandem::cli
