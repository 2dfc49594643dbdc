// SPDX-License-Identifier: Apache-2.0

// Keys of the tables in tables.h. Byte order of the keys is the order scans promise: record
// versions by type, then id, then newest first; log entries by revision.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/record_type.h"
#include "store/log.h"

namespace tandem::store {

// Longest record id in bytes: a match chunk's or a contact's, two ids of 63 and a number.
inline constexpr size_t kMaxRecordIdBytes = 200;

// A record's id as a key carries it: not empty, no NUL byte, at most kMaxRecordIdBytes.
bool IsValidRecordId(std::string_view id);

// The key of one record version. `id` must be valid, `revision` positive.
std::string RecordKey(model::RecordType type, std::string_view id, Revision revision);
// The same into `*key`, whose memory is reused.
void RecordKeyTo(model::RecordType type, std::string_view id, Revision revision, std::string* key);

// The first key of `id` and later ids: every version of `id` sorts at or behind it. An empty id
// gives the first key of the type.
std::string RecordLowerBound(model::RecordType type, std::string_view id);
// The first key behind all versions of `id`.
std::string RecordUpperBound(model::RecordType type, std::string_view id);
// The first key behind all records of `type`.
std::string RecordTypeEnd(model::RecordType type);

// What a record key says; the id points into the key.
struct RecordKeyParts {
  model::RecordType type;
  std::string_view id;
  Revision revision;
};
// Nullopt for bytes that are no record key.
std::optional<RecordKeyParts> ParseRecordKey(std::string_view key);

// Keys of the log table.
std::string LogKey(Revision revision);
// Nullopt for bytes that are no log key.
std::optional<Revision> ParseLogKey(std::string_view key);

// The key of a request id. The parts may hold any bytes; different parts never give the same key.
std::string RequestKey(std::string_view principal, std::string_view method,
                       std::string_view request_id);

}  // namespace tandem::store
