// SPDX-License-Identifier: Apache-2.0

// The shared memory the server handed over, by segment id. Every look-up is checked against the
// segment's size: a wrong descriptor ends this process with a clear line instead of a wild read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace tandem::host {

class SegmentTable {
 public:
  // Maps `bytes` of `fd` and closes it; false when the kernel refuses.
  bool Map(uint64_t id, uint64_t bytes, int fd, bool writable);
  void Unmap(uint64_t id);
  // `count` items of `item_bytes` at byte `offset`; ends the process when they are not inside the
  // segment.
  char* At(uint64_t id, uint64_t offset, uint64_t count, uint64_t item_bytes) const;

  template <typename T>
  T* Array(uint64_t id, uint64_t offset, uint64_t count) const {
    return reinterpret_cast<T*>(At(id, offset, count, sizeof(T)));
  }

 private:
  struct Area {
    char* data;
    uint64_t bytes;
  };
  std::map<uint64_t, Area> areas_;
};

// Writes a line to the log pipe and ends the process with status 70.
[[noreturn]] void Die(const char* why);

}  // namespace tandem::host
