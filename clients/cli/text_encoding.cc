// SPDX-License-Identifier: Apache-2.0

#include "cli/text_encoding.h"

#include <unicode/utf8.h>

#include "absl/strings/ascii.h"

#include "cli/text_decoder.h"

namespace tandem::cli {
namespace {

struct EncodingWord {
  const char* word;
  TextEncoding encoding;
};

constexpr EncodingWord kWords[] = {
    {"utf-8", TextEncoding::kUtf8},       {"utf8", TextEncoding::kUtf8},
    {"gb18030", TextEncoding::kGb18030},  {"gbk", TextEncoding::kGb18030},
    {"gb2312", TextEncoding::kGb18030},   {"utf-16le", TextEncoding::kUtf16Le},
    {"utf-16be", TextEncoding::kUtf16Be},
};

constexpr TextEncoding kMarked[] = {TextEncoding::kUtf8, TextEncoding::kGb18030,
                                    TextEncoding::kUtf16Le, TextEncoding::kUtf16Be};

// How a text fares as UTF-8: characters of more than one byte that are sound, and flaws.
struct Utf8Census {
  size_t sound = 0;
  size_t flaws = 0;
};

Utf8Census CountUtf8(std::string_view text, bool whole) {
  Utf8Census census;
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    const int32_t start = at;
    UChar32 character = 0;
    U8_NEXT(text.data(), at, size, character);
    if (character >= 0x80) ++census.sound;
    // The longest character has four bytes: one that began later may only be cut off.
    const bool cut_off = !whole && start + 3 >= size && at == size;
    if (character < 0 && !cut_off) ++census.flaws;
  }
  return census;
}

}  // namespace

const char* EncodingName(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kGb18030:
      return "GB18030";
    case TextEncoding::kUtf16Le:
      return "UTF-16LE";
    case TextEncoding::kUtf16Be:
      return "UTF-16BE";
    default:
      return "UTF-8";
  }
}

std::optional<TextEncoding> FindEncoding(std::string_view name) {
  const std::string lower = absl::AsciiStrToLower(std::string(name));
  for (const EncodingWord& known : kWords) {
    if (lower == known.word) return known.encoding;
  }
  return std::nullopt;
}

const std::vector<std::string>& KnownEncodings() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>;
    for (const EncodingWord& known : kWords) names->push_back(known.word);
    return names;
  }();
  return *kNames;
}

std::string ByteOrderMarkBytes(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::kGb18030:
      return "\x84\x31\x95\x33";
    case TextEncoding::kUtf16Le:
      return "\xFF\xFE";
    case TextEncoding::kUtf16Be:
      return "\xFE\xFF";
    default:
      return "\xEF\xBB\xBF";
  }
}

std::optional<ByteOrderMark> FindByteOrderMark(std::string_view start) {
  for (TextEncoding encoding : kMarked) {
    const std::string mark = ByteOrderMarkBytes(encoding);
    if (start.substr(0, mark.size()) == mark) return ByteOrderMark{encoding, mark.size()};
  }
  return std::nullopt;
}

TextEncoding DetectEncoding(std::string_view sample, bool whole) {
  const Utf8Census census = CountUtf8(sample, whole);
  if (census.flaws == 0 || census.sound > census.flaws) return TextEncoding::kUtf8;
  TextDecoder decoder(TextEncoding::kGb18030);
  std::string text;
  decoder.Decode(sample, whole, &text);
  return decoder.flaws() == 0 ? TextEncoding::kGb18030 : TextEncoding::kUtf8;
}

}  // namespace tandem::cli
