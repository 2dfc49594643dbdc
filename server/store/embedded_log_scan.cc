// SPDX-License-Identifier: Apache-2.0

// The long reads of EmbeddedLog: the feed of entries and scans over the newest record versions.

#include <algorithm>
#include <memory>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "store/checked_value.h"
#include "store/embedded_log.h"
#include "store/feed_start.h"
#include "store/key_codec.h"
#include "store/rocksdb_status.h"
#include "store/store_parts.h"

namespace tandem::store {
namespace {

// Superseded versions stepped over before seeking to the next record is cheaper.
constexpr int kMaxSteps = 8;
constexpr size_t kReadahead = size_t{1} << 20U;

// 8 bytes of a key as a number, so that keys can be interpolated.
uint64_t NumberAt(std::string_view key, size_t offset) {
  uint64_t number = 0;
  for (size_t i = offset; i < offset + 8; ++i) {
    number = (number << 8U) | (i < key.size() ? static_cast<unsigned char>(key[i]) : 0U);
  }
  return number;
}

// The id that a key with these 8 bytes behind `prefix` (type and start of the id) belongs to.
std::string IdWith(std::string_view prefix, uint64_t number) {
  std::string id(prefix.substr(1));
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto byte = static_cast<char>((number >> shift) & 0xFFU);
    if (byte == '\0') break;
    id.push_back(byte);
  }
  return id;
}

}  // namespace

absl::Status EmbeddedLog::CheckFeed(Revision from) const {
  return store::CheckFeedStart(from, LogStart());
}

absl::Status EmbeddedLog::Feed(Revision from, const EntryVisitor& visitor) const {
  const Revision head = Head();
  const std::string end = LogKey(head + 1);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &end_slice;
  const std::unique_ptr<rocksdb::Iterator> entries(
      database_->db()->NewIterator(read, database_->table(Table::kLog)));
  // After the iterator took its snapshot: a trim tells its new start before it deletes.
  RETURN_IF_ERROR(CheckFeed(from));
  Revision expected = std::max(from, LogStart());
  storage::v1::LogEntry entry;
  for (entries->Seek(LogKey(expected)); entries->Valid(); entries->Next()) {
    const std::string what = StrCat("log entry ", expected);
    if (ParseLogKey(entries->key().ToStringView()) != expected) return DamagedError(what);
    const auto value = OpenValue(entries->key().ToStringView(), entries->value().ToStringView());
    if (!value ||
        !entry.ParseFromArray(value->payload.data(), static_cast<int>(value->payload.size()))) {
      return DamagedError(what);
    }
    if (!visitor(expected, entry)) return absl::OkStatus();
    ++expected;
  }
  if (!entries->status().ok()) return ReadError(entries->status(), StrCat("log entry ", expected));
  return expected > head ? absl::OkStatus() : DamagedError(StrCat("log entry ", expected));
}

absl::Status EmbeddedLog::Scan(model::RecordType type, const RecordVisitor& visitor) const {
  return ScanRange(type, "", "", visitor);
}

absl::Status EmbeddedLog::ScanRange(model::RecordType type, std::string_view from_id,
                                    std::string_view to_id, const RecordVisitor& visitor) const {
  const std::string end = to_id.empty() ? RecordTypeEnd(type) : RecordLowerBound(type, to_id);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &end_slice;
  read.readahead_size = kReadahead;
  // A start would otherwise push out what callers are about to read.
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> versions(
      database_->db()->NewIterator(read, database_->table(Table::kRecords)));
  std::string last_id;
  int steps = 0;
  versions->Seek(RecordLowerBound(type, from_id));
  while (versions->Valid()) {
    const auto key = ParseRecordKey(versions->key().ToStringView());
    if (!key) return DamagedError(StrCat("a key behind ", model::CollectionOf(type), "/", last_id));
    if (key->id == last_id) {
      if (++steps < kMaxSteps) {
        versions->Next();
      } else {
        versions->Seek(RecordUpperBound(type, last_id));
      }
      continue;
    }
    steps = 0;
    const auto value = OpenValue(versions->key().ToStringView(), versions->value().ToStringView());
    if (!value) return DamagedError(StrCat(model::CollectionOf(type), "/", key->id));
    if (!visitor(type, key->id, key->revision, value->payload, value->body_size))
      return absl::OkStatus();
    last_id.assign(key->id);
    versions->Next();
  }
  if (versions->status().ok()) return absl::OkStatus();
  return ReadError(versions->status(),
                   StrCat("records behind ", model::CollectionOf(type), "/", last_id));
}

std::vector<std::string> EmbeddedLog::SplitPoints(model::RecordType type, int parts) const {
  const std::string begin = RecordLowerBound(type, "");
  const std::string end = RecordTypeEnd(type);
  rocksdb::ColumnFamilyHandle* records = database_->table(Table::kRecords);
  const std::unique_ptr<rocksdb::Iterator> edge(
      database_->db()->NewIterator(rocksdb::ReadOptions(), records));
  edge->Seek(begin);
  if (!edge->Valid() || edge->key().compare(end) >= 0) return {};
  const std::string first = edge->key().ToString();
  edge->SeekForPrev(end);
  const std::string last = edge->Valid() ? edge->key().ToString() : first;
  const size_t common = static_cast<size_t>(
      std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first - first.begin());

  rocksdb::SizeApproximationOptions sizes;
  sizes.include_memtables = true;
  sizes.include_files = true;
  const auto size_before = [&](const std::string& key) {
    uint64_t size = 0;
    const rocksdb::Range range(begin, key);
    database_->db()->GetApproximateSizes(sizes, records, &range, 1, &size).PermitUncheckedError();
    return size;
  };
  const std::string_view prefix = std::string_view(first).substr(0, common);
  const uint64_t total = size_before(end);
  std::vector<std::string> points;
  for (int part = 1; part < parts; ++part) {
    const uint64_t target = total / static_cast<uint64_t>(parts) * static_cast<uint64_t>(part);
    uint64_t low = NumberAt(first, common);
    uint64_t high = NumberAt(last, common);
    // 32 halvings are finer than any estimate of sizes.
    for (int i = 0; i < 32 && low < high; ++i) {
      const uint64_t middle = low + (high - low) / 2;
      if (size_before(RecordLowerBound(type, IdWith(prefix, middle))) < target) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    std::string id = IdWith(prefix, high);
    if (!id.empty() && (points.empty() || points.back() < id)) points.push_back(std::move(id));
  }
  return points;
}

}  // namespace tandem::store
