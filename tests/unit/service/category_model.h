// SPDX-License-Identifier: Apache-2.0

// What a directory of service categories must answer, as plainly as it can be said: a std::map of
// records and the rules of the write methods over it. Shares no code with the server but the
// generated messages.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "google/protobuf/field_mask.pb.h"
#include "tandem/v1/import.pb.h"
#include "tandem/v1/service_category.pb.h"

namespace tandem::service {

// "serviceCategories/{id}".
std::string CategoryName(const std::string& id);

// One record. `body` has name and uid and none of the server's tail.
struct ModelRecord {
  v1::ServiceCategory body;
  int64_t revision = 0;
  absl::Time created;
  absl::Time updated;
  std::optional<absl::Time> deleted;
};

// What a client gets for a record, byte for byte: the fields it wrote, then the server's tail.
std::string WireBytes(const ModelRecord& record);

// What a write comes to.
struct Expected {
  // "OK" or the reason of the error.
  std::string reason = "OK";
  // The record as it is answered; set for OK.
  ModelRecord record;
  // It wrote nothing, as nothing changed.
  bool unchanged = false;
  // RESOURCE_IN_USE: who refers to it.
  std::set<std::string> referrers;
};

// Not thread-safe. Every call answers and, unless `dry`, does what the server should do.
class CategoryModel {
 public:
  // `revision`: the last one committed before the first write.
  explicit CategoryModel(int64_t revision) : revision_(revision) {}

  const std::map<std::string, ModelRecord>& records() const { return records_; }
  int64_t revision() const { return revision_; }
  const ModelRecord* Find(const std::string& id) const;

  // `uid` is what the server chose; it can't be foreseen.
  Expected Create(const std::string& id, const v1::ServiceCategory& fields, const std::string& uid,
                  absl::Time now, bool dry = false);
  Expected Update(const std::string& id, const v1::ServiceCategory& patch,
                  const google::protobuf::FieldMask* mask, std::optional<int64_t> etag_revision,
                  absl::Time now, bool dry = false);
  Expected Delete(const std::string& id, std::optional<int64_t> etag_revision, absl::Time now);
  Expected Undelete(const std::string& id, std::optional<int64_t> etag_revision, absl::Time now);
  // Only the reason of the answer counts.
  Expected Purge(const std::string& id, std::optional<int64_t> etag_revision);

  // One request of a batch. Set what its verb needs.
  struct Item {
    std::string id;
    v1::ServiceCategory fields;
    const google::protobuf::FieldMask* mask = nullptr;
    std::optional<int64_t> etag_revision;
    // Of a create: what the server chose.
    std::string uid;
  };
  enum class Verb { kCreate, kUpdate, kDelete };
  // What the whole batch comes to, and each request when it is OK.
  struct ExpectedBatch {
    std::string reason = "OK";
    std::vector<Expected> items;
    bool wrote = false;
  };
  // All or nothing. Ids differ.
  ExpectedBatch Batch(Verb verb, const std::vector<Item>& items, absl::Time now);

  // For imports, where many records share one revision: the next writes get the one after
  // `revision`.
  void SetRevision(int64_t revision) { revision_ = revision; }

 private:
  // Who refers to the record and is live.
  std::set<std::string> ReferrersOf(const std::string& id) const;
  // What one request makes of its record, before others are looked at.
  Expected Prepare(Verb verb, const Item& item, absl::Time now) const;
  // The reason why `record` can't stand among the others; "OK" when it can.
  std::string CheckAgainstOthers(const std::string& id, const v1::ServiceCategory& body) const;
  Expected Store(const std::string& id, ModelRecord record, bool dry);

  std::map<std::string, ModelRecord> records_;
  int64_t revision_;
};

}  // namespace tandem::service
