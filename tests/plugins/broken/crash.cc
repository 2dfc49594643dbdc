// SPDX-License-Identifier: Apache-2.0

// Dies of a segmentation fault in its stage.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-crash", { *const_cast<volatile int*>(static_cast<int*>(nullptr)) = 1; })
