// SPDX-License-Identifier: Apache-2.0

// Reads the names of all regions from the server.
#pragma once

#include <memory>

#include "absl/status/statusor.h"

#include "cli/region_names.h"
#include "cli/session.h"

namespace tandem::cli {

// One walk through the list of regions. LIMIT_EXCEEDED for more than RegionNames holds.
absl::StatusOr<std::shared_ptr<const RegionNames>> LoadRegionNames(Session& session);

}  // namespace tandem::cli
