// SPDX-License-Identifier: Apache-2.0

#include "cli/session.h"

#include <algorithm>
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

client::ClientOptions HastyOptionsFor(const GlobalOptions& options, std::string target) {
  client::ClientOptions out = ClientOptionsFor(options, std::move(target));
  out.timeout = std::min(out.timeout, absl::Seconds(1));
  out.max_attempts = 1;
  return out;
}

}  // namespace

Session::Session(GlobalOptions options, Streams streams, absl::Status context_status)
    : options_(std::move(options)),
      streams_(streams),
      context_status_(std::move(context_status)),
      colour_errors_(streams.err_is_terminal && !options_.no_color && !NoColorWanted()) {}

Output Session::output() const {
  const OutputChoice* choice = FindOutputChoice(options_.output);
  const bool colour = streams_.out_is_terminal && !options_.no_color && !NoColorWanted();
  Output output{choice == nullptr ? OutputFormat::kTable : choice->format, streams_.out, colour};
  output.wide = choice != nullptr && choice->wide;
  output.headers = !options_.no_headers;
  output.columns = options_.columns;
  return output;
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
        "this goes to the admin socket: give --admin-socket PATH or set "
        "TANDEM_ADMIN_SOCKET");
  }
  if (!admin_) {
    admin_ = std::make_unique<client::Client>(
        ClientOptionsFor(options_, "unix:" + options_.admin_socket));
  }
  return admin_.get();
}

client::Client Session::Hasty() const {
  return client::Client(HastyOptionsFor(options_, options_.server));
}

client::Client Session::HastyAdmin() const {
  return client::Client(HastyOptionsFor(options_, "unix:" + options_.admin_socket));
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
