// SPDX-License-Identifier: Apache-2.0

// Needs a function nobody has.
#include "broken_plugin.hpp"

void NobodyHasThis();

BROKEN_SCORER("broken-unresolved", { NobodyHasThis(); })
