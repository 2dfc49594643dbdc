// SPDX-License-Identifier: Apache-2.0

// Says so, then never returns and never asks whether it should stop.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-hang", {
  problem.Log(TANDEM_LOG_INFO, "hanging");
  for (volatile bool forever = true; forever;) continue;
})
