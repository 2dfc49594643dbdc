// SPDX-License-Identifier: Apache-2.0

#include "cli/text_input.h"

#include <algorithm>

namespace tandem::cli {
namespace {

constexpr size_t kBlockBytes = 64 * 1024;

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

}  // namespace

TextInput::TextInput(std::istream& in, std::optional<TextEncoding> encoding)
    : in_(in), utf8_(nullptr) {
  utf8_.rdbuf(this);
  if (encoding) {
    encoding_ = *encoding;
    decided_ = true;
  }
}

void TextInput::ReadBlock() {
  const size_t held = raw_.size();
  raw_.resize(held + kBlockBytes);
  in_.read(raw_.data() + held, kBlockBytes);
  const auto got = static_cast<size_t>(in_.gcount());
  raw_.resize(held + got);
  bytes_read_ += got;
}

// A mark of another encoding than the one asked for is no mark: it is then text.
void TextInput::TakeMark() {
  at_start_ = false;
  const std::optional<ByteOrderMark> mark = FindByteOrderMark(raw_);
  if (!mark || (decided_ && mark->encoding != encoding_)) return;
  encoding_ = mark->encoding;
  decided_ = true;
  has_mark_ = true;
  raw_.erase(0, mark->size);
}

void TextInput::Decide() {
  while (in_ && raw_.size() < kSampleBytes) ReadBlock();
  encoding_ = DetectEncoding(raw_, /*whole=*/!in_);
  decided_ = true;
}

TextInput::int_type TextInput::underflow() {
  text_.clear();
  while (text_.empty()) {
    if (raw_.empty() && in_) ReadBlock();
    if (at_start_) TakeMark();
    if (!decided_ && !IsAscii(raw_)) Decide();
    if (!decided_) {
      text_.swap(raw_);
    } else {
      if (!decoder_) decoder_.emplace(encoding_);
      decoder_->Decode(raw_, /*end=*/!in_, &text_);
      raw_.clear();
    }
    if (text_.empty() && !in_) return traits_type::eof();
  }
  setg(text_.data(), text_.data(), text_.data() + text_.size());
  return traits_type::to_int_type(text_.front());
}

}  // namespace tandem::cli
