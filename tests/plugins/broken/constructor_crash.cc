// SPDX-License-Identifier: Apache-2.0

// Crashes before any entry point is called.
#include "broken_plugin.hpp"

namespace {
__attribute__((constructor)) void Early() { __builtin_trap(); }
}  // namespace

BROKEN_SCORER("broken-constructor-crash", {})
