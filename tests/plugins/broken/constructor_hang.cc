// SPDX-License-Identifier: Apache-2.0

// Never finishes loading.
#include <unistd.h>

#include "broken_plugin.hpp"

namespace {
__attribute__((constructor)) void Early() {
  while (true) pause();
}
}  // namespace

BROKEN_SCORER("broken-constructor-hang", {})
