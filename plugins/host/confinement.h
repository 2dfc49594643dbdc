// SPDX-License-Identifier: Apache-2.0

// Takes from this process what a plugin does not need, before any plugin code runs.
#pragma once

#include <cstdint>

namespace tandem::host {

// Closes every descriptor from `first_free` on, ties this process to its parent, drops privileges
// and sets limits. Returns the bits of wire::SandboxBit that are really in force; 0 when the parent
// is gone or a measure that always works failed.
uint64_t Confine(int first_free, uint64_t memory_mb, bool threads_allowed);

}  // namespace tandem::host
