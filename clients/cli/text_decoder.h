// SPDX-License-Identifier: Apache-2.0

// Turns bytes of an encoding into UTF-8 and back, piece by piece, without losing any: bytes that
// are no text come out as lone surrogates U+DC00 + byte in three bytes, which are no UTF-8 either.
// So a reader that checks for UTF-8 finds them where they stand, and TextEncoder gives them back.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "cli/text_encoding.h"

struct UConverter;

namespace tandem::cli {

struct ConverterDeleter {
  void operator()(UConverter* converter) const;
};

// One text from its start. One thread. UTF-8 passes unchanged, flaws and all.
class TextDecoder {
 public:
  explicit TextDecoder(TextEncoding encoding);

  // Appends the text of `bytes` to `*utf8`; what is cut off waits for the next call, unless `end`.
  void Decode(std::string_view bytes, bool end, std::string* utf8);

  // Places so far where bytes were no text. Not counted for UTF-8.
  size_t flaws() const { return flaws_; }

 private:
  void AppendFlaw(std::string* utf8);

  std::unique_ptr<UConverter, ConverterDeleter> converter_;
  size_t flaws_ = 0;
};

// The way back. One thread.
class TextEncoder {
 public:
  explicit TextEncoder(TextEncoding encoding);

  // The bytes that TextDecoder would read as `utf8`.
  std::string Encode(std::string_view utf8);

 private:
  std::unique_ptr<UConverter, ConverterDeleter> converter_;
};

}  // namespace tandem::cli
