// SPDX-License-Identifier: Apache-2.0

// Calls exit in its stage, with the status of success.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-exit", { std::exit(0); })
