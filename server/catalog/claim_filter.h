// SPDX-License-Identifier: Apache-2.0

// Remembers the hash of every verified identifier ever seen, so that the committer can tell at once
// that a new one is free. Nothing is taken out: a stale hash only costs an exact look.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "absl/container/flat_hash_set.h"

namespace tandem::catalog {

// The hash of a claim on (scheme, value).
uint64_t HashClaim(std::string_view scheme, std::string_view value);

// One thread at a time. Split in shards so that growing one never stalls a commit for long.
class ClaimFilter {
 public:
  void Add(uint64_t hash) { shards_[hash & 255U].insert(hash); }
  bool MayContain(uint64_t hash) const { return shards_[hash & 255U].contains(hash); }
  size_t MemoryBytes() const {
    size_t bytes = sizeof(*this);
    for (const auto& shard : shards_) bytes += shard.capacity() * (sizeof(uint64_t) + 1);
    return bytes;
  }

 private:
  std::array<absl::flat_hash_set<uint64_t>, 256> shards_;
};

}  // namespace tandem::catalog
