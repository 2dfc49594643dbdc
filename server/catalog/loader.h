// SPDX-License-Identifier: Apache-2.0

// Builds the sealed segments of one record type from the log's newest versions, at start: one
// thread reads, others take the indexed fields out of the bytes and build columns.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/sealed_segment.h"
#include "store/log.h"

namespace tandem::catalog {

// What was loaded of one type.
struct LoadedType {
  std::vector<std::shared_ptr<SealedSegment>> segments;
  int64_t live_count = 0;
  int64_t deleted_count = 0;
  // Hashes of its verified identifiers.
  std::vector<uint64_t> claims;
};

// Loads every record of `type`. RECORD_CORRUPT names the first record that can't be read.
absl::StatusOr<LoadedType> LoadType(const store::Log& log, model::RecordType type,
                                    const TreeSet& trees, uint32_t segment_rows, int threads);

}  // namespace tandem::catalog
