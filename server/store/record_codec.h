// SPDX-License-Identifier: Apache-2.0

// Canonical bytes of a resource: the body (deterministic serialisation, server-owned fields
// cleared), then the server's tail written exactly once. What lies on disk is what clients get.
// Every resource has the tail's fields under the same numbers (proto/tandem/v1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "store/log.h"

namespace tandem::store {

// How long a deleted record can be taken back before it is purged.
inline constexpr absl::Duration kDefaultPurgeAfter = absl::Hours(24 * 30);

// Field numbers of the tail, the same in every resource.
inline constexpr int kCreateTimeField = 4;
inline constexpr int kUpdateTimeField = 5;
inline constexpr int kDeleteTimeField = 6;
inline constexpr int kPurgeTimeField = 7;
inline constexpr int kEtagField = 8;

// What the server writes behind a body. Times in nanoseconds since the Unix epoch; 0 means absent.
struct Tail {
  Revision revision = 0;
  int64_t create_time_ns = 0;
  int64_t update_time_ns = 0;
  int64_t delete_time_ns = 0;
  int64_t purge_time_ns = 0;
};

// When a record deleted at `delete_time_ns` goes for good.
int64_t PurgeTimeNs(int64_t delete_time_ns, absl::Duration purge_after = kDefaultPurgeAfter);

// The body followed by the tail's wire form, fields in number order, absent ones left out. `body`
// must not hold any of the tail's fields: a repeated message field would merge (CheckBody tells).
std::string AppendTail(std::string_view body, const Tail& tail);

// INTERNAL when `body` is no wire form or holds a field of the tail.
absl::Status CheckBody(std::string_view body);

// Reads back what AppendTail wrote behind the body: bytes.substr(body_size). RECORD_CORRUPT for
// other fields, fields out of order and values that are none; how a number is spelled is not
// judged.
absl::StatusOr<Tail> ParseTail(std::string_view tail);

// The etag of a revision: its number in base32 (digits 0-9a-v), in double quotes.
std::string EtagOf(Revision revision);

// The revision of an etag; nullopt for anything EtagOf does not produce.
std::optional<Revision> ParseEtag(std::string_view etag);

}  // namespace tandem::store
