// SPDX-License-Identifier: Apache-2.0

// Runs out of memory where nothing catches it: the process dies of it.
#include "broken_plugin.hpp"

namespace {
void Fill() noexcept {
  std::vector<std::vector<char>> kept;
  while (true) kept.emplace_back(std::size_t{1} << 20, 'x');
}
}  // namespace

BROKEN_SCORER("broken-memory-crash", { Fill(); })
