// SPDX-License-Identifier: Apache-2.0

#include "host/segment_table.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace tandem::host {

bool SegmentTable::Map(uint64_t id, uint64_t bytes, int fd, bool writable) {
  void* at = mmap(nullptr, bytes, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, 0);
  close(fd);
  if (at == MAP_FAILED) return false;
  areas_[id] = Area{static_cast<char*>(at), bytes};
  return true;
}

void SegmentTable::Unmap(uint64_t id) {
  auto it = areas_.find(id);
  if (it == areas_.end()) return;
  munmap(it->second.data, it->second.bytes);
  areas_.erase(it);
}

char* SegmentTable::At(uint64_t id, uint64_t offset, uint64_t count, uint64_t item_bytes) const {
  auto it = areas_.find(id);
  if (it == areas_.end()) Die("a call names a segment that is not mapped");
  uint64_t bytes = 0;
  if (__builtin_mul_overflow(count, item_bytes, &bytes) || offset > it->second.bytes ||
      it->second.bytes - offset < bytes) {
    Die("a call reaches beyond a segment");
  }
  return it->second.data + offset;
}

void Die(const char* why) {
  std::fprintf(stderr, "tandem-plugin-host: %s\n", why);
  std::fflush(stderr);
  _exit(70);
}

}  // namespace tandem::host
