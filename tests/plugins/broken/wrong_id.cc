// SPDX-License-Identifier: Apache-2.0

// Says another id than its manifest.
#include "broken_plugin.hpp"

BROKEN_SCORER("somebody-else", {})
