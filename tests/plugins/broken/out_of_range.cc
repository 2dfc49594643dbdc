// SPDX-License-Identifier: Apache-2.0

// Writes a score outside the range its manifest declares.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-out-of-range", { score[2] = 1.0000001; })
