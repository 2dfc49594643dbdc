// SPDX-License-Identifier: Apache-2.0

// AgencyService.LookupAgency: who has a registration number.
#pragma once

#include <memory>

#include "service/call.h"

namespace tandem::service {

void HandleLookupAgency(std::shared_ptr<UnaryCall> call);

}  // namespace tandem::service
