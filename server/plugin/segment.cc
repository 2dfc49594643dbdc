// SPDX-License-Identifier: Apache-2.0

#include "plugin/segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/status_macros.h"

namespace tandem::plugin {
namespace {

absl::Status NoMemory(std::string_view what) {
  int error = errno;
  return model::MakeError(model::Reason::kLimitExceeded,
                          StrCat("shared memory: ", what, ": ", std::strerror(error)));
}

std::atomic<uint64_t> g_next_segment_id{1};

}  // namespace

UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  if (this != &other) {
    Close();
    fd_ = other.Release();
  }
  return *this;
}

void UniqueFd::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

int UniqueFd::Release() { return std::exchange(fd_, -1); }

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping& Mapping::operator=(Mapping&& other) noexcept {
  if (this != &other) {
    Unmap();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

absl::StatusOr<Mapping> Mapping::Map(int fd, size_t bytes, bool writable) {
  void* at =
      mmap(nullptr, bytes, PROT_READ | (writable ? PROT_WRITE : 0), MAP_SHARED, fd, /*offset=*/0);
  if (at == MAP_FAILED) return NoMemory("mmap");
  Mapping mapping;
  mapping.data_ = static_cast<char*>(at);
  mapping.size_ = bytes;
  return mapping;
}

void Mapping::Unmap() {
  if (data_ != nullptr) munmap(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

absl::StatusOr<UniqueFd> CreateMemoryFile(std::string_view name, size_t bytes) {
  UniqueFd fd(memfd_create(std::string(name).c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!fd.ok()) return NoMemory("memfd_create");
  constexpr size_t kPage = 4096;
  size_t rounded = (std::max<size_t>(bytes, 1) + kPage - 1) / kPage * kPage;
  if (ftruncate(fd.get(), static_cast<off_t>(rounded)) != 0) return NoMemory("ftruncate");
  return fd;
}

absl::StatusOr<SegmentWriter> SegmentWriter::Create(std::string_view name, size_t bytes) {
  SegmentWriter writer;
  ASSIGN_OR_RETURN(writer.fd_, CreateMemoryFile(name, bytes));
  // Allocate now: a full memory file system must be an error here, not a SIGBUS while filling it.
  if (bytes > 0) {
    if (int error = posix_fallocate(writer.fd_.get(), 0, static_cast<off_t>(bytes)); error != 0) {
      errno = error;
      return NoMemory("fallocate");
    }
  }
  ASSIGN_OR_RETURN(writer.mapping_,
                   Mapping::Map(writer.fd_.get(), std::max<size_t>(bytes, 1), /*writable=*/true));
  writer.size_ = bytes;
  return writer;
}

absl::StatusOr<std::shared_ptr<const Segment>> SegmentWriter::Seal() && {
  // F_SEAL_WRITE is refused while any writable mapping exists: unmap, seal, map again for reading.
  mapping_.Unmap();
  if (fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) !=
      0) {
    return NoMemory("sealing");
  }
  std::shared_ptr<Segment> segment(new Segment);
  ASSIGN_OR_RETURN(segment->mapping_,
                   Mapping::Map(fd_.get(), std::max<size_t>(size_, 1), /*writable=*/false));
  segment->fd_ = std::move(fd_);
  segment->size_ = size_;
  segment->id_ = g_next_segment_id.fetch_add(1, std::memory_order_relaxed);
  return std::shared_ptr<const Segment>(std::move(segment));
}

}  // namespace tandem::plugin
