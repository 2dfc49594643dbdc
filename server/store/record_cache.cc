// SPDX-License-Identifier: Apache-2.0

#include "store/record_cache.h"

#include <cstring>
#include <string>

#include "model/status_macros.h"
#include "rocksdb/cache.h"
#include "store/key_codec.h"

namespace tandem::store {
namespace {

// Shards rise with threads that read at once; each still holds many records.
constexpr int kShardBits = 5;
// A record larger than this part of a shard would drive out all others.
constexpr size_t kLargestShare = 8;
// What the cache spends on an entry beside its bytes, about.
constexpr size_t kEntryOverhead = 128;

// One block of memory: the sizes, then the bytes.
struct Kept {
  uint32_t size;
  uint32_t body_size;

  std::string_view bytes() const { return {reinterpret_cast<const char*>(this + 1), size}; }
};

void Free(const rocksdb::Slice& /*key*/, void* value) { ::operator delete(value); }

}  // namespace

RecordCache::RecordCache(const RecordReader& from, size_t bytes)
    : from_(from), cache_(bytes == 0 ? nullptr : rocksdb::NewLRUCache(bytes, kShardBits)) {}

RecordCache::~RecordCache() = default;

std::optional<RecordBytes> RecordCache::Find(std::string_view key) const {
  if (cache_ == nullptr) return std::nullopt;
  rocksdb::Cache::Handle* handle = cache_->Lookup(rocksdb::Slice(key.data(), key.size()));
  if (handle == nullptr) return std::nullopt;
  rocksdb::Cache* const cache = cache_.get();
  const Kept* kept = static_cast<const Kept*>(cache->Value(handle));
  // Holds the entry, even if it is driven out meanwhile.
  std::shared_ptr<const void> owner(
      kept, [cache, handle](const void* /*kept*/) { cache->Release(handle); });
  return RecordBytes(std::move(owner), kept->bytes(), kept->body_size);
}

void RecordCache::Keep(std::string_view key, const RecordBytes& record) const {
  const std::string_view bytes = record.bytes();
  const size_t charge = sizeof(Kept) + bytes.size() + key.size() + kEntryOverhead;
  if (cache_ == nullptr || charge > (cache_->GetCapacity() >> kShardBits) / kLargestShare) return;
  auto* kept = static_cast<Kept*>(::operator new(sizeof(Kept) + bytes.size()));
  *kept = Kept{static_cast<uint32_t>(bytes.size()), static_cast<uint32_t>(record.body().size())};
  std::memcpy(kept + 1, bytes.data(), bytes.size());
  // Without a handle the cache frees the value itself whenever it does not keep it.
  cache_->Insert(rocksdb::Slice(key.data(), key.size()), kept, charge, &Free)
      .PermitUncheckedError();
}

absl::StatusOr<RecordBytes> RecordCache::Read(model::RecordType type, std::string_view id,
                                              Revision revision) const {
  thread_local std::string key;
  RecordKeyTo(type, id, revision, &key);
  if (std::optional<RecordBytes> found = Find(key)) return *std::move(found);
  ASSIGN_OR_RETURN(RecordBytes record, from_.Read(type, id, revision));
  Keep(key, record);
  return record;
}

absl::StatusOr<std::optional<RecordBytes>> RecordCache::ReadCached(model::RecordType type,
                                                                   std::string_view id,
                                                                   Revision revision) const {
  thread_local std::string key;
  RecordKeyTo(type, id, revision, &key);
  if (std::optional<RecordBytes> found = Find(key)) return found;
  ASSIGN_OR_RETURN(std::optional<RecordBytes> record, from_.ReadCached(type, id, revision));
  if (record) Keep(key, *record);
  return record;
}

size_t RecordCache::MemoryBytes() const { return cache_ == nullptr ? 0 : cache_->GetUsage(); }

}  // namespace tandem::store
