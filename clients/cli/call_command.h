// SPDX-License-Identifier: Apache-2.0

// `tandem call`: any method of the API, JSON in and out.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddCallCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
