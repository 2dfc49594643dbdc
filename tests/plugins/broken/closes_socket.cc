// SPDX-License-Identifier: Apache-2.0

// Closes every descriptor it inherited, then goes on for ever.
#include <unistd.h>

#include "broken_plugin.hpp"

BROKEN_SCORER("broken-closes-socket", {
  for (int fd = 0; fd < 64; ++fd) close(fd);
  while (true) pause();
})
