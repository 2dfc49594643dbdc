// SPDX-License-Identifier: Apache-2.0

// A zero-filled array whose pages cost memory only once they are written. Addresses never change,
// so a writer may fill elements while readers use the ones that were published before.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <type_traits>

namespace tandem::catalog {

// T must be valid when all its bytes are zero. Publication of elements is the owner's business.
template <typename T>
class LazyArray {
 public:
  static_assert(std::is_trivially_destructible_v<T>);
  explicit LazyArray(size_t size) : bytes_(size * sizeof(T)) {
    if (bytes_ == 0) return;
    void* memory =
        mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // Address space is gone: nothing in this process could go on.
    if (memory == MAP_FAILED) std::abort();
    data_ = static_cast<T*>(memory);
  }
  ~LazyArray() {
    if (data_ != nullptr) munmap(data_, bytes_);
  }
  LazyArray(const LazyArray&) = delete;
  LazyArray& operator=(const LazyArray&) = delete;

  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  T* data_ = nullptr;
  size_t bytes_;
};

}  // namespace tandem::catalog
