// SPDX-License-Identifier: Apache-2.0

// `tandem export`: records of one or several kinds into files of other systems' forms.
#pragma once

#include "cli/command.h"

namespace tandem::cli {

void AddExportCommand(CLI::App* root, Action* chosen);

}  // namespace tandem::cli
