// SPDX-License-Identifier: Apache-2.0

#include "main/listen_address.h"

#include <arpa/inet.h>

#include "absl/strings/numbers.h"
#include "model/absl_strings.h"
#include "model/error.h"

namespace tandem::server {
namespace {

absl::Status Wrong(std::string_view text, std::string_view what) {
  return model::FieldsInvalid({{"listen", StrCat("--listen ", text, ": ", what)}});
}

// Only numbers and the one name that every system resolves to itself: what any other name means
// could change under a running server.
bool IsLoopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24U) == 127;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6) != 0;
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(std::string_view text) {
  size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Wrong(text, "is not HOST:PORT");
  ListenAddress address;
  std::string_view host = text.substr(0, colon);
  bool brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  if (!brackets && host.find(':') != std::string_view::npos) {
    return Wrong(text, "write an IPv6 address in brackets, [::1]:PORT");
  }
  address.host = std::string(host);
  std::string_view port = text.substr(colon + 1);
  if (port.empty() || port.find_first_not_of("0123456789") != std::string_view::npos ||
      !absl::SimpleAtoi(ToAbsl(port), &address.port) || address.port > 65535) {
    return Wrong(text, "the port is no number from 0 to 65535");
  }
  if (!IsLoopback(address.host)) {
    return Wrong(text,
                 "a listener outside this machine needs TLS, which this server does not have yet; "
                 "use 127.0.0.1 or [::1] and let a proxy with TLS stand before it");
  }
  address.text = std::string(text);
  return address;
}

}  // namespace tandem::server
