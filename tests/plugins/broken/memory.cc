// SPDX-License-Identifier: Apache-2.0

// Allocates until it gets no more.
#include "broken_plugin.hpp"

BROKEN_SCORER("broken-memory", {
  std::vector<std::vector<char>> kept;
  while (true) kept.emplace_back(std::size_t{1} << 20, 'x');
})
