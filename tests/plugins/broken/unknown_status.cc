// SPDX-License-Identifier: Apache-2.0

// Answers with a status nobody defined.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-unknown-status", { return 4711; })
