// SPDX-License-Identifier: Apache-2.0

// `tandem agency lookup`, `duplicates` and `merge`: who has a number, who may be the same body, and
// making several records one.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddIdentityCommands(CLI::App* agency, Action* chosen);

}  // namespace tandem::cli
