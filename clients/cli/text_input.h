// SPDX-License-Identifier: Apache-2.0

// A file's text as a stream of UTF-8, whatever its encoding. Memory is bounded by a block and,
// once, by the sample that the encoding is told from.
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <streambuf>
#include <string>

#include "cli/text_decoder.h"
#include "cli/text_encoding.h"

namespace tandem::cli {

// One thread. Bytes that are no text in the encoding come through as text_decoder.h says.
class TextInput : private std::streambuf {
 public:
  // Most bytes looked at, from the first that is no ASCII on, to tell the encoding.
  static constexpr size_t kSampleBytes = 1024 * 1024;

  // Reads `in`, which must outlive it, from its start. Without `encoding` it is found out: by the
  // mark, else as DetectEncoding says.
  TextInput(std::istream& in, std::optional<TextEncoding> encoding);
  ~TextInput() override = default;

  // The text, without a mark.
  std::istream& utf8() { return utf8_; }

  // Whether the encoding is known; until the first byte that is no ASCII, it need not be.
  bool decided() const { return decided_; }
  // UTF-8 until it is known: ASCII is the same in both.
  TextEncoding encoding() const { return encoding_; }
  bool has_mark() const { return has_mark_; }
  // Bytes read from the file.
  uint64_t bytes_read() const { return bytes_read_; }
  // Whether the file could not be read to its end.
  bool failed() const { return in_.bad(); }

 private:
  int_type underflow() override;

  // Appends a block of the file to raw_.
  void ReadBlock();
  void TakeMark();
  void Decide();

  std::istream& in_;
  std::istream utf8_;
  TextEncoding encoding_ = TextEncoding::kUtf8;
  bool decided_ = false;
  bool at_start_ = true;
  bool has_mark_ = false;
  std::optional<TextDecoder> decoder_;
  std::string raw_;
  std::string text_;
  uint64_t bytes_read_ = 0;
};

}  // namespace tandem::cli
