// SPDX-License-Identifier: Apache-2.0

// Returns in good order and goes on writing from a thread of its own.
#include <thread>

#include "broken_plugin.hpp"

BROKEN_SCORER("broken-late-writer", {
  std::thread([score] {
    for (int i = 0; i < 100000000; ++i) {
      *const_cast<volatile double*>(score.data()) = std::numeric_limits<double>::quiet_NaN();
    }
  }).detach();
})
