// SPDX-License-Identifier: Apache-2.0

// One sync: an import whose rows are what a source says of agencies. Knows the source, which of its
// records were seen, and what each row changes. Used by the import ledger alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "service/directory.h"
#include "service/import_chunk.h"
#include "tandem/v1/import.pb.h"
#include "tandem/v1/source.pb.h"

namespace tandem::service {

// Not thread-safe; its ledger takes one step at a time.
class SyncRun {
 public:
  // FIELD_INVALID for options that can't be; RESOURCE_NOT_FOUND when there is no such source.
  static absl::StatusOr<std::unique_ptr<SyncRun>> Start(const model::ResourceTraits& resource,
                                                        const v1::ImportOptions& options,
                                                        const Directory& directory);

  const std::string& source() const { return options_.source(); }
  bool full() const { return options_.full(); }
  bool force() const { return options_.force(); }

  // Notes a row as seen and finds its id at the source; the record's status tells when it has none
  // or came before. Once for each row, in order, durable ones of a resumed sync included.
  // LIMIT_EXCEEDED ends the sync.
  absl::Status Note(ImportRecord* record);
  // Rows noted, and those of them that no record of the source can be told from.
  int64_t row_count() const { return row_count_; }
  int64_t unidentified_count() const { return unidentified_count_; }

  // Whether the source's record of that id was seen.
  bool HasSeen(std::string_view source_id) const;

  // The source as it is now.
  absl::StatusOr<const v1::Source*> ReadSource(DirectoryReader* reader) const;

  // What a noted row changes as the directory is now.
  ResolvedRecord Resolve(const ImportRecord& record, absl::Time now, DirectoryReader* reader) const;

 private:
  SyncRun(v1::SyncOptions options, std::string source_record_id)
      : options_(std::move(options)), source_record_id_(std::move(source_record_id)) {}

  absl::StatusOr<ResolvedRecord> TryResolve(const ImportRecord& record, absl::Time now,
                                            DirectoryReader* reader) const;

  const v1::SyncOptions options_;
  const std::string source_record_id_;
  // Hashes of the ids seen: what a sync keeps of a row.
  absl::flat_hash_set<uint64_t> seen_;
  int64_t row_count_ = 0;
  int64_t unidentified_count_ = 0;
};

}  // namespace tandem::service
