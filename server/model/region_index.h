// SPDX-License-Identifier: Apache-2.0

// Computes a region index by a rule of region_service.proto: percentile ranks of a declared
// indicator mix among the units of one level, handed down to the units below. No I/O; integers
// only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::model {

// What became of one region, in the order given.
struct RegionIndexResult {
  // No value: neither the region nor one above it has the indicators.
  bool has_value = false;
  v1::RegionIndex index;
};

// FIELD_INVALID naming every fault of a rule; paths begin with "rule.".
absl::Status CheckIndexRule(const v1::IndexRule& rule);

// One result a region. `rule` must have passed CheckIndexRule; `regions` are all live ones, in any
// order. A region counts as ranked when it is of the rule's level and has every indicator in the
// rule's year. A parent chain that does not end is treated as having no parent.
std::vector<RegionIndexResult> ComputeRegionIndex(const v1::IndexRule& rule,
                                                  const std::vector<const v1::Region*>& regions);

}  // namespace tandem::model
