// SPDX-License-Identifier: Apache-2.0

// Who may call what, and what of the directory they then see. Every method has a row in one table;
// a method without a row is refused and fails a test. Until authentication lands there is one
// principal, `local`, who reached a loopback address or a unix socket and may do everything.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "query/scope.h"

namespace tandem::service {

// The caller before authentication lands.
inline constexpr std::string_view kLocalPrincipal = "local";

// What a method does, for the permission it asks for.
enum class MethodVerb {
  kRead,
  kWrite,
  // Moves rounds, runs and indices.
  kOperate,
  // Changes the server itself; the admin socket only.
  kAdminister,
};

struct MethodRule {
  // "tandem.v1.AgencyService/GetAgency".
  std::string_view method;
  MethodVerb verb;
};

// Every method of every service this server serves.
absl::Span<const MethodRule> AllMethodRules();

// The row of a method; null when there is none.
const MethodRule* FindMethodRule(std::string_view method);

// Decides. Immutable; any thread.
class Authoriser {
 public:
  // Whether `principal` may call the method on these resources (names or parents; empty for whole
  // collections), and the part of the directory the answer may come from. PERMISSION_DENIED.
  absl::StatusOr<query::Scope> Authorise(std::string_view principal, const MethodRule* rule,
                                         absl::Span<const std::string> names) const;
};

}  // namespace tandem::service
