// SPDX-License-Identifier: Apache-2.0

// The reads of EmbeddedLog that look back: the versions of one record, and every record as it was
// at a revision.

#include <memory>

#include "model/absl_strings.h"
#include "model/status_macros.h"
#include "store/checked_value.h"
#include "store/embedded_log.h"
#include "store/key_codec.h"
#include "store/rocksdb_status.h"
#include "store/store_parts.h"

namespace tandem::store {
namespace {

// Versions stepped over before seeking is cheaper.
constexpr int kMaxSteps = 8;
// A caller takes about so much at a time and comes back.
constexpr size_t kReadahead = size_t{1} << 20U;

// Moves on to the next key that may be wanted: the one behind this, or the one at `far` when that
// is many keys away.
class Stepper {
 public:
  explicit Stepper(rocksdb::Iterator* versions) : versions_(versions) {}
  void Towards(const std::string& far) {
    if (++steps_ < kMaxSteps) {
      versions_->Next();
    } else {
      versions_->Seek(far);
      steps_ = 0;
    }
  }
  void Next() {
    versions_->Next();
    steps_ = 0;
  }

 private:
  rocksdb::Iterator* const versions_;
  int steps_ = 0;
};

}  // namespace

absl::Status EmbeddedLog::Versions(model::RecordType type, std::string_view id, Revision at,
                                   const RecordVisitor& visitor) const {
  const std::string what = StrCat("the versions of ", model::CollectionOf(type), "/", id);
  if (!IsValidRecordId(id) || at <= 0) return absl::OkStatus();
  const std::string end = RecordUpperBound(type, id);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &end_slice;
  const std::unique_ptr<rocksdb::Iterator> versions(
      database_->db()->NewIterator(read, database_->table(Table::kRecords)));
  // Keys have the newest version first.
  for (versions->Seek(RecordKey(type, id, at)); versions->Valid(); versions->Next()) {
    const auto key = ParseRecordKey(versions->key().ToStringView());
    const auto value = OpenValue(versions->key().ToStringView(), versions->value().ToStringView());
    if (!key || !value) return DamagedError(what);
    if (!visitor(type, key->id, key->revision, value->payload, value->body_size)) {
      return absl::OkStatus();
    }
  }
  return versions->status().ok() ? absl::OkStatus() : ReadError(versions->status(), what);
}

absl::Status EmbeddedLog::ScanAt(model::RecordType type, Revision at, std::string_view after_id,
                                 const RecordVisitor& visitor) const {
  const std::string what = StrCat("records behind ", model::CollectionOf(type), "/", after_id);
  const std::string end = RecordTypeEnd(type);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions read;
  read.iterate_upper_bound = &end_slice;
  read.readahead_size = kReadahead;
  // What is read once and in order would push out what callers are about to read.
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> versions(
      database_->db()->NewIterator(read, database_->table(Table::kRecords)));
  Stepper stepper(versions.get());
  // The record that was visited last.
  std::string done;
  versions->Seek(after_id.empty() ? RecordLowerBound(type, "") : RecordUpperBound(type, after_id));
  while (versions->Valid()) {
    const auto key = ParseRecordKey(versions->key().ToStringView());
    if (!key) return DamagedError(what);
    if (key->id == done) {
      stepper.Towards(RecordUpperBound(type, done));
      continue;
    }
    if (key->revision > at) {
      stepper.Towards(RecordKey(type, key->id, at));
      continue;
    }
    const auto value = OpenValue(versions->key().ToStringView(), versions->value().ToStringView());
    if (!value) return DamagedError(StrCat(model::CollectionOf(type), "/", key->id));
    if (!visitor(type, key->id, key->revision, value->payload, value->body_size)) {
      return absl::OkStatus();
    }
    done.assign(key->id);
    stepper.Next();
  }
  return versions->status().ok() ? absl::OkStatus() : ReadError(versions->status(), what);
}

}  // namespace tandem::store
