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
  // Syncs: what was sent, in place of `prepared`, and its id at the source.
  std::unique_ptr<google::protobuf::Message> row;
  std::string source_id;
};

// What one message of the stream holds.
struct ImportChunk {
  std::optional<v1::ImportOptions> options;
  int64_t first_number = 0;
  std::vector<ImportRecord> records;
  std::optional<v1::SyncEnd> sync_end;
};

// What the options of an import's first message mean for reading its records.
struct ImportManner {
  // The records are what a source says: they are checked later, with what the directory has.
  bool sync = false;
  // Registration numbers with a wrong check character are kept, unverified and with a warning.
  bool keep_unverified = false;
};

// Reads and checks one message of an import of `resource`. `manner` is set from a message that has
// options and used for those that follow. FIELD_INVALID or LIMIT_EXCEEDED for a message that can't
// be taken at all; a record that is wrong is refused alone.
absl::StatusOr<ImportChunk> ReadChunk(const model::ResourceTraits& resource,
                                      const google::protobuf::Message& request_prototype,
                                      const grpc::ByteBuffer& bytes, ImportManner* manner);

using catalog::ImportOutcome;

// A record with what is to happen to it.
struct ResolvedRecord {
  // kFailed with `status`, kSkipped or kUnchanged; otherwise the committer decides and `records`
  // are what it gets: written all or none, the first with counted_as, the others with_previous.
  std::optional<ImportOutcome> outcome;
  absl::Status status;
  std::vector<catalog::PreparedRecord> records;
  std::vector<catalog::RecordGuard> guards;
  // Syncs: what should be looked at although the record is taken.
  std::vector<model::FieldViolation> warnings;
  // What it may touch or rests on: two records with a key in common do not go into one commit.
  std::vector<std::string> keys;
};

// Decides what happens to a record as the directory is now. `record` keeps its preparation, so
// that it can be resolved again after a conflict.
ResolvedRecord ResolveRecord(const model::ResourceTraits& resource, const ImportRecord& record,
                             v1::ImportConflictRule rule, absl::Time now, DirectoryReader* reader);

// The outcome as the client reads it.
v1::ImportError ErrorOf(int64_t number, const absl::Status& status);

// Adds one to the count of `outcome`.
void Count(ImportOutcome outcome, v1::ImportCounts* counts);

// The counts by ImportOutcome, as storage keeps them, and back; a shorter list is an older one.
std::vector<int64_t> ToImportCounts(const v1::ImportCounts& counts);
v1::ImportCounts FromImportCounts(const google::protobuf::RepeatedField<int64_t>& list);

}  // namespace tandem::service
