// SPDX-License-Identifier: Apache-2.0

#include "main/free_memory.h"

#include <cstddef>

// jemalloc's control function; null where the program is linked with another allocator.
extern "C" [[gnu::weak]] int mallctl(const char* name, void* old_value, size_t* old_size,
                                     void* new_value, size_t new_size);

namespace tandem::server {

void ReturnFreeMemory() {
  if (mallctl == nullptr) return;
  // Of all arenas: MALLCTL_ARENAS_ALL is 4096.
  mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);
}

}  // namespace tandem::server
