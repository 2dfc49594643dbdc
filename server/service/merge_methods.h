// SPDX-License-Identifier: Apache-2.0

// AgencyService.MergeAgencies: several records become one, in one commit, and every name any of
// them ever had leads to it in one step. Records that refer to a merged one are not rewritten: they
// belong to others, some lie in frozen rounds, and there may be any number of them. Whoever reads a
// reference resolves it (catalog/merged_names.h).
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

void HandleMergeAgencies(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
