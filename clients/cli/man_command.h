// SPDX-License-Identifier: Apache-2.0

// `tandem __man DIR`: writes the manual pages; the build calls it.
#pragma once

#include <string>

#include "CLI/App.hpp"

#include "cli/exit_code.h"
#include "cli/session.h"

namespace tandem::cli {

// Writes a file a page into `folder`, which must exist.
ExitCode RunMan(const CLI::App& root, const std::string& folder, Streams streams);

}  // namespace tandem::cli
