// SPDX-License-Identifier: Apache-2.0

// Sealed shared memory: written once, then readable by this process and by every plugin host it is
// handed to, and changeable by nobody. The carrier of columns, pair lists and plugin images.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"

namespace tandem::plugin {

// An open file descriptor that closes itself. Movable, not copyable.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  ~UniqueFd() { Close(); }
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }
  void Close();
  int Release();

 private:
  int fd_ = -1;
};

// A memory file mapped into this process. The mapping ends with the object.
class Mapping {
 public:
  Mapping() = default;
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&& other) noexcept;
  ~Mapping() { Unmap(); }
  // Maps `bytes` of `fd`, shared.
  static absl::StatusOr<Mapping> Map(int fd, size_t bytes, bool writable);
  char* data() const { return data_; }
  size_t size() const { return size_; }
  void Unmap();

 private:
  char* data_ = nullptr;
  size_t size_ = 0;
};

// A new anonymous memory file of `bytes` (at least one page), zero-filled, close-on-exec, sealable.
absl::StatusOr<UniqueFd> CreateMemoryFile(std::string_view name, size_t bytes);

// Immutable shared memory. Threads: any.
class Segment {
 public:
  // Bytes, 64-byte aligned; zero from the written size to the end of the page.
  const char* data() const { return mapping_.data(); }
  size_t size() const { return size_; }
  // The sealed memory file; owned by the segment.
  int fd() const { return fd_.get(); }
  // Unique in this process for its life.
  uint64_t id() const { return id_; }

 private:
  friend class SegmentWriter;
  Segment() = default;
  UniqueFd fd_;
  Mapping mapping_;
  size_t size_ = 0;
  uint64_t id_ = 0;
};

// Writes a segment, then seals it. Not thread-safe.
class SegmentWriter {
 public:
  // Fails with LIMIT_EXCEEDED when the machine has no memory for it.
  static absl::StatusOr<SegmentWriter> Create(std::string_view name, size_t bytes);
  // `bytes` zero bytes to fill.
  char* data() { return mapping_.data(); }
  size_t size() const { return size_; }
  // Ends the writing: the file can no longer be changed, resized or written by anyone.
  absl::StatusOr<std::shared_ptr<const Segment>> Seal() &&;

 private:
  UniqueFd fd_;
  Mapping mapping_;
  size_t size_ = 0;
};

}  // namespace tandem::plugin
