// SPDX-License-Identifier: Apache-2.0

// Entries to append, for tests of the store.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "model/record_type.h"
#include "store/embedded_log.h"
#include "store/open_store.h"

namespace tandem::store {

// One record written at `revision`.
inline RecordWrite Write(std::string_view id, std::string_view bytes, Revision previous = 0,
                         model::RecordType type = model::RecordType::kAgency) {
  RecordWrite write;
  write.type = type;
  write.id = std::string(id);
  write.kind = previous == 0 ? storage::v1::CHANGE_KIND_CREATED : storage::v1::CHANGE_KIND_UPDATED;
  write.previous_revision = previous;
  write.bytes = std::string(bytes);
  write.body_size = static_cast<uint32_t>(bytes.size() / 2);
  return write;
}

inline RecordWrite PurgeOf(std::string_view id, Revision previous,
                           model::RecordType type = model::RecordType::kAgency) {
  RecordWrite write;
  write.type = type;
  write.id = std::string(id);
  write.kind = storage::v1::CHANGE_KIND_PURGED;
  write.previous_revision = previous;
  return write;
}

inline Entry MakeEntry(Revision revision, std::vector<RecordWrite> writes) {
  Entry entry;
  entry.revision = revision;
  entry.commit_time_ns = 1'700'000'000'000'000'000 + revision;
  entry.principal = "local";
  entry.method = "tandem.v1.AgencyService/CreateAgency";
  entry.writes = std::move(writes);
  return entry;
}

// Appends one entry with `writes` behind the head; its revision.
inline Revision AppendOne(EmbeddedLog& log, std::vector<RecordWrite> writes) {
  const Revision revision = log.Head() + 1;
  const Entry entry = MakeEntry(revision, std::move(writes));
  const auto outcome = log.Append(log.Head(), {&entry, 1});
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome.ok() && *outcome == AppendOutcome::kDurable);
  return revision;
}

inline std::unique_ptr<EmbeddedLog> OpenOrDie(const std::string& data_dir) {
  StoreOptions options;
  options.data_dir = data_dir;
  auto log = OpenStore(std::move(options));
  EXPECT_TRUE(log.ok()) << log.status();
  if (!log.ok()) std::abort();
  return *std::move(log);
}

}  // namespace tandem::store
