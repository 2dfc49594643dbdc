// SPDX-License-Identifier: Apache-2.0

// AgencyService.FindDuplicates and ListDuplicates: records that may be one body. Candidates come
// from the indexes, each is read and weighed; nothing is decided here, a person or a merge does
// that.
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

void HandleFindDuplicates(std::shared_ptr<UnaryCall> call);
void HandleListDuplicates(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
