// SPDX-License-Identifier: Apache-2.0

// What was freed and is still held by the allocator.
#pragma once

namespace tandem::server {

// Gives memory that is free back to the system. For after work that took much for a short while,
// such as loading the directory: the allocator would keep it until its threads allocate again. Does
// nothing with another allocator than jemalloc. Thread-safe.
void ReturnFreeMemory();

}  // namespace tandem::server
