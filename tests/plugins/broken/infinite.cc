// SPDX-License-Identifier: Apache-2.0

// Writes infinity into one cell.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-infinite", { score[1] = std::numeric_limits<double>::infinity(); })
