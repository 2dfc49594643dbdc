// SPDX-License-Identifier: Apache-2.0

// Takes units away.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-negative-units", { out->units[0] = -1; })
