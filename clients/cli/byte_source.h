// SPDX-License-Identifier: Apache-2.0

// Reads a stream in blocks with a window that can be looked at again: the ground under the readers
// of lines and CSV records. One thread.
#pragma once

#include <cstdint>
#include <istream>
#include <string>
#include <string_view>

namespace tandem::cli {

class ByteSource {
 public:
  // `in` must outlive it. A UTF-8 byte order mark at the start is skipped.
  explicit ByteSource(std::istream& in);

  // The byte `offset` bytes after the window's start; -1 behind the end of the input.
  int At(size_t offset) {
    if (start_ + offset >= buffer_.size() && !Fill(offset)) return -1;
    return static_cast<unsigned char>(buffer_[start_ + offset]);
  }

  // The window's first `size` bytes, which At has seen. Valid until the next call of At or Consume.
  std::string_view Window(size_t size) const {
    return std::string_view(buffer_).substr(start_, size);
  }

  // Moves the window's start `size` bytes forward.
  void Consume(size_t size);

  // Moves the window's start to the byte `offset` bytes after the input's start. False when the
  // input ends before, or the window lies behind it.
  bool SkipTo(uint64_t offset);

  // Bytes taken out of the stream.
  uint64_t bytes_read() const { return bytes_read_; }
  // Bytes before the window.
  uint64_t consumed() const { return bytes_read_ - (buffer_.size() - start_); }

 private:
  bool Fill(size_t offset);

  std::istream& in_;
  std::string buffer_;
  size_t start_ = 0;
  uint64_t bytes_read_ = 0;
};

}  // namespace tandem::cli
