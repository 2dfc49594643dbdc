// SPDX-License-Identifier: Apache-2.0

// A catalog filled with messages, without a log or committer, for tests and benchmarks of what
// reads it. It keeps the messages too, so that an oracle can look at the same records. One thread
// writes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/catalog.h"
#include "google/protobuf/message.h"
#include "model/record_type.h"
#include "support/naive_filter.h"

namespace tandem::testing {

class RecordCatalog {
 public:
  explicit RecordCatalog(catalog::CatalogOptions options) : catalog_(options) {}

  catalog::Catalog& catalog() { return catalog_; }
  std::shared_ptr<const catalog::View> view() const { return catalog_.view(); }

  // Creates or replaces records in one commit. The times in the messages become those of the
  // records; one with a delete_time is a soft-deleted one. Not kept for an oracle when `keep` is
  // false.
  void Put(model::RecordType type,
           const std::vector<std::shared_ptr<const google::protobuf::Message>>& records,
           bool keep = true);
  void Put(model::RecordType type, std::shared_ptr<const google::protobuf::Message> record) {
    Put(type, std::vector{std::move(record)});
  }
  // Removes a record for good.
  void Purge(model::RecordType type, const std::string& name);

  // What was put, by name.
  const std::map<std::string, std::shared_ptr<const google::protobuf::Message>>& records(
      model::RecordType type) {
    return records_[type];
  }
  // The parents of all regions and categories.
  ParentNames parents() const;

 private:
  catalog::Catalog catalog_;
  store::Revision next_revision_ = store::MakeRevision(1, 1);
  std::map<model::RecordType,
           std::map<std::string, std::shared_ptr<const google::protobuf::Message>>>
      records_;
};

}  // namespace tandem::testing
