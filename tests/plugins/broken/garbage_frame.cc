// SPDX-License-Identifier: Apache-2.0

// Writes a frame of its own on the control socket.
#include <unistd.h>

#include "broken_plugin.hpp"

BROKEN_SCORER("broken-garbage-frame", {
  if (write(3, "surprise", 8) != 8) std::abort();
})
