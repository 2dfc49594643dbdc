// SPDX-License-Identifier: Apache-2.0

// Logs without end for a while, then prints without end.
#include <cstdio>

#include "broken_plugin.hpp"

BROKEN_SCORER("broken-log-flood", {
  for (int i = 0; i < 200000; ++i) problem.Log(TANDEM_LOG_INFO, "and another thing \x1b[31m");
  for (int i = 0; i < 200000; ++i) std::puts("and again");
})
