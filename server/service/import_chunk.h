// SPDX-License-Identifier: Apache-2.0

// One chunk of an import: read and checked without a look at the directory, then resolved against
// it (create, replace, skip, refuse) just before it is committed. Used by the import stream alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/committer.h"
#include "google/protobuf/message.h"
#include "grpcpp/support/byte_buffer.h"
#include "model/error.h"
#include "model/resource_traits.h"
#include "service/directory.h"
#include "tandem/v1/import.pb.h"

namespace tandem::service {

inline constexpr int kMaxChunkRecords = 1000;

// One record of a chunk, checked as far as it can be on its own.
struct ImportRecord {
  int64_t number = 0;
  // As if it were new; `status` tells why it can't be.
  catalog::PreparedRecord prepared;
  absl::Status status;
  // What should be looked at when the record is taken.
  std::vector<model::FieldViolation> warnings;
};

// What one message of the stream holds.
struct ImportChunk {
  std::optional<v1::ImportOptions> options;
  int64_t first_number = 0;
  std::vector<ImportRecord> records;
};

// Reads and checks one message of an import of `resource`. `keep_unverified`, given by the options
// of the first message, is taken from the message and remembered when it has options. FIELD_INVALID
// or LIMIT_EXCEEDED for a message that can't be taken at all; a record that is wrong is refused
// alone.
absl::StatusOr<ImportChunk> ReadChunk(const model::ResourceTraits& resource,
                                      const google::protobuf::Message& request_prototype,
                                      const grpc::ByteBuffer& bytes, bool* keep_unverified);

// What became of a record.
enum class ImportOutcome { kCreated, kUpdated, kUnchanged, kSkipped, kFailed };

// A record with what is to happen to it.
struct ResolvedRecord {
  // kFailed with `status`, or kSkipped; otherwise the committer decides and `prepared` is set.
  std::optional<ImportOutcome> outcome;
  absl::Status status;
  catalog::PreparedRecord prepared;
  std::vector<catalog::RecordGuard> guards;
};

// Decides what happens to a record as the directory is now. `record` keeps its preparation, so
// that it can be resolved again after a conflict.
ResolvedRecord ResolveRecord(const model::ResourceTraits& resource, const ImportRecord& record,
                             v1::ImportConflictRule rule, absl::Time now, DirectoryReader* reader);

// The outcome as the client reads it.
v1::ImportError ErrorOf(int64_t number, const absl::Status& status);

// Adds one to the count of `outcome`.
void Count(ImportOutcome outcome, v1::ImportCounts* counts);

}  // namespace tandem::service
