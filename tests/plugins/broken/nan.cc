// SPDX-License-Identifier: Apache-2.0

// Writes NaN into one cell.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-nan", { score[1] = std::numeric_limits<double>::quiet_NaN(); })
