// SPDX-License-Identifier: Apache-2.0

#include "store/metadata.h"

#include <sys/random.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>

#include "absl/strings/numbers.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"
#include "store/checked_value.h"
#include "store/key_codec.h"
#include "store/rocksdb_status.h"

namespace tandem::store {
namespace {

constexpr std::string_view kFact = "fact";
constexpr std::string_view kFormat = "format";
constexpr std::string_view kIdentity = "identity";
constexpr std::string_view kEpoch = "epoch";
constexpr std::string_view kLogStart = "log_start";

std::string MetaKey(std::string_view kind, std::string_view name) {
  return StrCat(kind, "/", name);
}

absl::StatusOr<std::string> ReadFact(const Database& database, std::string_view name) {
  ASSIGN_OR_RETURN(std::optional<std::string> value, ReadNamedValue(database, kFact, name));
  if (!value) {
    return model::MakeError(model::Reason::kDataDirInvalid,
                            StrCat("the database does not say its ", name,
                                   ": it is no Tandem store or was not made completely"));
  }
  return *std::move(value);
}

absl::StatusOr<int64_t> ReadNumber(const Database& database, std::string_view name) {
  ASSIGN_OR_RETURN(std::string text, ReadFact(database, name));
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return DamagedError(MetaKey(kFact, name));
  return number;
}

}  // namespace

void PutNamedValue(const Database& database, std::string_view kind, std::string_view name,
                   std::string_view value, rocksdb::WriteBatch* batch) {
  const std::string key = MetaKey(kind, name);
  batch->Put(database.table(Table::kMeta), key, SealValue(key, value));
}

absl::StatusOr<std::optional<std::string>> ReadNamedValue(const Database& database,
                                                          std::string_view kind,
                                                          std::string_view name) {
  const std::string key = MetaKey(kind, name);
  std::string stored;
  const rocksdb::Status status =
      database.db()->Get(rocksdb::ReadOptions(), database.table(Table::kMeta), key, &stored);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ReadError(status, key);
  const std::optional<CheckedValue> value = OpenValue(key, stored);
  if (!value) return DamagedError(key);
  return std::string(value->payload);
}

void PutFacts(const Database& database, const StoreFacts& facts, rocksdb::WriteBatch* batch) {
  PutNamedValue(database, kFact, kFormat, StrCat(facts.format), batch);
  PutNamedValue(database, kFact, kIdentity, facts.identity, batch);
  PutNamedValue(database, kFact, kEpoch, StrCat(facts.epoch), batch);
  PutLogStart(database, facts.log_start, batch);
}

void PutLogStart(const Database& database, Revision log_start, rocksdb::WriteBatch* batch) {
  PutNamedValue(database, kFact, kLogStart, StrCat(log_start), batch);
}

absl::StatusOr<StoreFacts> ReadFacts(const Database& database) {
  StoreFacts facts;
  ASSIGN_OR_RETURN(int64_t format, ReadNumber(database, kFormat));
  facts.format = static_cast<int>(format);
  ASSIGN_OR_RETURN(facts.identity, ReadFact(database, kIdentity));
  ASSIGN_OR_RETURN(facts.epoch, ReadNumber(database, kEpoch));
  ASSIGN_OR_RETURN(facts.log_start, ReadNumber(database, kLogStart));
  return facts;
}

absl::StatusOr<Revision> ReadHead(const Database& database, const StoreFacts& facts) {
  const std::unique_ptr<rocksdb::Iterator> last(
      database.db()->NewIterator(rocksdb::ReadOptions(), database.table(Table::kLog)));
  last->SeekToLast();
  if (!last->status().ok()) return ReadError(last->status(), "the log's end");
  const Revision before_log = facts.log_start - 1;
  if (!last->Valid()) return before_log;
  const std::optional<Revision> revision = ParseLogKey(last->key().ToStringView());
  if (!revision) return DamagedError("the key of the last log entry");
  return std::max(*revision, before_log);
}

std::string RandomBytes(size_t size) {
  std::string bytes(size, '\0');
  size_t filled = 0;
  while (filled < size) {
    const ssize_t got = getrandom(bytes.data() + filled, size - filled, 0);
    if (got < 0 && errno != EINTR) std::abort();  // No kernel we run on lacks it.
    if (got > 0) filled += static_cast<size_t>(got);
  }
  return bytes;
}

}  // namespace tandem::store
