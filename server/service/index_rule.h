// SPDX-License-Identifier: Apache-2.0

// The arithmetic of IndexRegions (region_service.proto): fractional percentile ranks of an
// indicator mix, in integers only, so that every machine gets the same indices. Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "tandem/v1/region.pb.h"
#include "tandem/v1/region_service.pb.h"

namespace tandem::service {

// Regions by name.
using RegionMap = absl::flat_hash_map<std::string, const v1::Region*>;

// What a rule gives: an index for each region that gets one, and how many got it which way.
struct IndexResult {
  absl::flat_hash_map<std::string, v1::RegionIndex> indices;
  int64_t own_count = 0;
  int64_t inherited_count = 0;
  int64_t missing_count = 0;
};

// Percentile ranks, per mille, of `values` in their order: (rank − 0.5) / n, equal values sharing
// their mean rank, rounded half up.
std::vector<int32_t> PercentileRanks(const std::vector<int64_t>& values);

// Applies `rule` to `regions`. A region whose parents form no chain to a ranked one is missing.
IndexResult ApplyIndexRule(const v1::IndexRule& rule, const RegionMap& regions);

}  // namespace tandem::service
