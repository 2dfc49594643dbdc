// SPDX-License-Identifier: Apache-2.0

// The record versions read last, in memory. A version never changes, so nothing in here can be out
// of date: a hit costs a look-up and a reference count, where the database takes some microseconds
// to find a block, search it and check it.
#pragma once

#include <cstddef>
#include <memory>

#include "store/record_reader.h"

namespace rocksdb {
class Cache;
}  // namespace rocksdb

namespace tandem::store {

// A reader before another reader. Thread-safe when that one is.
class RecordCache final : public RecordReader {
 public:
  // Keeps about `bytes` of what `from` gives, the least recently used go first. 0: keeps nothing.
  // `from` must outlive this and all bytes given out, as must this.
  RecordCache(const RecordReader& from, size_t bytes);
  ~RecordCache() override;

  absl::StatusOr<RecordBytes> Read(model::RecordType type, std::string_view id,
                                   Revision revision) const override;
  absl::StatusOr<std::optional<RecordBytes>> ReadCached(model::RecordType type, std::string_view id,
                                                        Revision revision) const override;

  // Bytes kept, with what it costs to keep them.
  size_t MemoryBytes() const;

 private:
  std::optional<RecordBytes> Find(std::string_view key) const;
  void Keep(std::string_view key, const RecordBytes& record) const;

  const RecordReader& from_;
  // RocksDB's own LRU cache, in shards with a lock each.
  const std::shared_ptr<rocksdb::Cache> cache_;
};

}  // namespace tandem::store
