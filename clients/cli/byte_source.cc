// SPDX-License-Identifier: Apache-2.0

#include "cli/byte_source.h"

#include <algorithm>

namespace tandem::cli {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;

}  // namespace

ByteSource::ByteSource(std::istream& in) : in_(in) {
  if (At(0) == 0xEF && At(1) == 0xBB && At(2) == 0xBF) Consume(3);
}

bool ByteSource::Fill(size_t offset) {
  // What lies before the window is dropped before the buffer grows.
  buffer_.erase(0, start_);
  start_ = 0;
  while (offset >= buffer_.size() && in_) {
    const size_t held = buffer_.size();
    buffer_.resize(held + kBlockBytes);
    in_.read(buffer_.data() + held, kBlockBytes);
    const auto got = static_cast<size_t>(in_.gcount());
    buffer_.resize(held + got);
    bytes_read_ += got;
  }
  return offset < buffer_.size();
}

void ByteSource::Consume(size_t size) { start_ += size; }

bool ByteSource::SkipTo(uint64_t offset) {
  while (consumed() < offset) {
    if (At(0) < 0) return false;
    start_ += static_cast<size_t>(std::min<uint64_t>(offset - consumed(), buffer_.size() - start_));
  }
  return consumed() == offset;
}

}  // namespace tandem::cli
