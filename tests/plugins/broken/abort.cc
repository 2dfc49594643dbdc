// SPDX-License-Identifier: Apache-2.0

// Aborts in its stage.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-abort", { std::abort(); })
