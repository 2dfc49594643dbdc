// SPDX-License-Identifier: Apache-2.0

// Opens descriptors until it gets no more, keeps them all and ends.
#include <unistd.h>

#include "broken_plugin.hpp"

BROKEN_SCORER("broken-descriptors", {
  while (dup(0) >= 0) continue;
  std::abort();
})
