// SPDX-License-Identifier: Apache-2.0

// Writes to a store and remembers elsewhere what was tried and what was acknowledged; after a crash
// it tells whether the store holds every acknowledged write, no half one and nothing that was never
// written.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "store/embedded_log.h"

namespace tandem::crash {

// One thread.
class Ledger {
 public:
  explicit Ledger(uint32_t seed) : random_(seed) {}

  // Appends a random group of entries, or the one that failed before.
  absl::Status Append(store::EmbeddedLog& log);
  // Trims the log at a random place.
  absl::Status Trim(store::EmbeddedLog& log);
  // Puts a new value under one name.
  absl::Status PutMeta(store::EmbeddedLog& log);
  // One of the three, mostly Append.
  absl::Status Step(store::EmbeddedLog& log);

  // Compares the store with what is remembered; one line a problem. Unacknowledged writes that
  // survived count as written from now on, the others as never tried.
  std::vector<std::string> Check(store::EmbeddedLog& log);

  store::Revision acknowledged() const { return acknowledged_; }

 private:
  using Record = std::pair<model::RecordType, std::string>;

  store::Entry RandomEntry(store::Revision revision);
  void CheckRequests(store::EmbeddedLog& log, std::vector<std::string>* problems);
  void CheckRecords(store::EmbeddedLog& log, std::vector<std::string>* problems);
  void CheckLog(store::EmbeddedLog& log, std::vector<std::string>* problems);

  std::mt19937 random_;
  // Every entry that was tried and may be in the store.
  std::map<store::Revision, store::Entry> tried_;
  // Revisions of each record among them.
  std::map<Record, std::vector<store::Revision>> versions_;
  // The last group that was tried and not acknowledged.
  std::vector<store::Entry> unfinished_;
  // Request ids of entries that a crash took.
  std::vector<store::Entry> lost_;
  store::Revision acknowledged_ = 0;
  store::Revision trim_acknowledged_ = 1;
  store::Revision trim_tried_ = 1;
  std::string meta_acknowledged_;
  std::string meta_tried_;
};

}  // namespace tandem::crash
