// SPDX-License-Identifier: Apache-2.0

// Never returns and never asks whether it should stop.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-hang", {
  for (volatile bool forever = true; forever;) continue;
})
