// SPDX-License-Identifier: Apache-2.0

// The encodings that directories arrive in, and how one is told from another. Pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::cli {

// GB18030 holds GBK and GB 2312; UTF-16 is what spreadsheets call "Unicode text".
enum class TextEncoding { kUtf8, kGb18030, kUtf16Le, kUtf16Be };

// "UTF-8", "GB18030", "UTF-16LE" or "UTF-16BE": the name for people and for ICU.
const char* EncodingName(TextEncoding encoding);

// The encoding a person means, in any case: utf-8, gb18030, gbk, gb2312, utf-16le, utf-16be.
std::optional<TextEncoding> FindEncoding(std::string_view name);
// The names FindEncoding knows, lower case.
const std::vector<std::string>& KnownEncodings();

// The mark at the start of a text that names its encoding.
struct ByteOrderMark {
  TextEncoding encoding = TextEncoding::kUtf8;
  // Bytes it takes; at most 4.
  size_t size = 0;
};
std::optional<ByteOrderMark> FindByteOrderMark(std::string_view start);
// The mark's bytes in an encoding.
std::string ByteOrderMarkBytes(TextEncoding encoding);

// UTF-8 or GB18030 for a text without a mark: UTF-8 when `sample` is UTF-8; else GB18030 when it is
// that without a flaw and more of it is wrong than right as UTF-8; else UTF-8, whose flaws are then
// told record by record. A character cut off by the sample's end is no flaw unless `whole`.
TextEncoding DetectEncoding(std::string_view sample, bool whole);

}  // namespace tandem::cli
