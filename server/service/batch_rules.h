// SPDX-License-Identifier: Apache-2.0

// What holds for every batch: how many, where they lie, and that nothing stands in it twice.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/error.h"
#include "model/resource_traits.h"

namespace tandem::service {

// FIELD_INVALID when the list `field` is empty or has more than kMaxBatch elements.
absl::Status CheckBatchSize(std::string_view field, int size);

// "requests[3]".
std::string PlaceIn(std::string_view field, int index);

// The id of the parent that a batch lies below; empty when it names none or all of them.
// FIELD_INVALID.
absl::StatusOr<std::string> ParseBatchParent(const model::ResourceTraits& resource,
                                             std::string_view parent);

// Collects what is wrong with the elements, one after the other.
class BatchFindings {
 public:
  BatchFindings(const model::ResourceTraits& resource, std::string_view field,
                std::string_view parent_id)
      : resource_(resource), field_(field), parent_id_(parent_id) {}

  // The error of element `index`: its field violations are kept beside those of the others.
  void Add(int index, const absl::Status& status);
  // Takes note of what element `index` is about: it stands in the batch once and lies below the
  // batch's parent. `path`: the field in the element that says so; empty when it is a name itself.
  void AddId(int index, std::string_view path, const std::string& id);

  // All field violations as one FIELD_INVALID, else the first other error; OK when there is none.
  absl::Status status() const;
  bool ok() const { return violations_.empty() && other_.ok(); }

 private:
  const model::ResourceTraits& resource_;
  const std::string_view field_;
  const std::string_view parent_id_;
  std::vector<model::FieldViolation> violations_;
  absl::Status other_;
  absl::flat_hash_map<std::string, int> first_;
};

}  // namespace tandem::service
