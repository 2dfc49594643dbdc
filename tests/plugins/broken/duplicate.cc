// SPDX-License-Identifier: Apache-2.0

// Assigns the same pair twice.
#include "broken_plugin.hpp"

BROKEN_SOLVER("broken-duplicate", { out->pair[1] = out->pair[0]; })
