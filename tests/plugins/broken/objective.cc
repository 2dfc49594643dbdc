// SPDX-License-Identifier: Apache-2.0

// Says a better objective than its assignment has.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-objective", { out->objective += 1; })
