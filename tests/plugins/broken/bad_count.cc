// SPDX-License-Identifier: Apache-2.0

// Says it wrote more entries than there is room for.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-bad-count", { out->count = UINT64_MAX; })
