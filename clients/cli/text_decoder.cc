// SPDX-License-Identifier: Apache-2.0

#include "cli/text_decoder.h"

#include <unicode/ucnv.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <vector>

namespace tandem::cli {
namespace {

constexpr UChar32 kFirstEscape = 0xDC00;

std::unique_ptr<UConverter, ConverterDeleter> OpenConverter(TextEncoding encoding) {
  if (encoding == TextEncoding::kUtf8) return nullptr;
  UErrorCode error = U_ZERO_ERROR;
  std::unique_ptr<UConverter, ConverterDeleter> converter(
      ucnv_open(EncodingName(encoding), &error));
  ucnv_setToUCallBack(converter.get(), UCNV_TO_U_CALLBACK_STOP, nullptr, nullptr, nullptr, &error);
  return converter;
}

// The three bytes that stand for a byte that is no text.
void AppendEscape(char byte, std::string* utf8) {
  const UChar32 escape = kFirstEscape + static_cast<unsigned char>(byte);
  utf8->push_back(static_cast<char>(0xE0 | (escape >> 12)));
  utf8->push_back(static_cast<char>(0x80 | ((escape >> 6) & 0x3F)));
  utf8->push_back(static_cast<char>(0x80 | (escape & 0x3F)));
}

// Whether an escape begins at `at`, and the byte it stands for.
bool ReadEscape(std::string_view utf8, size_t at, char* byte) {
  if (at + 3 > utf8.size() || static_cast<unsigned char>(utf8[at]) != 0xED) return false;
  const auto second = static_cast<unsigned char>(utf8[at + 1]);
  if (second < 0xB0 || second > 0xB3) return false;
  *byte = static_cast<char>(((second & 0x03) << 6) | (utf8[at + 2] & 0x3F));
  return true;
}

void AppendUtf8(const UChar* text, size_t size, std::string* utf8) {
  for (size_t at = 0; at < size;) {
    UChar32 character = 0;
    U16_NEXT(text, at, size, character);
    char bytes[U8_MAX_LENGTH];
    int32_t length = 0;
    U8_APPEND_UNSAFE(bytes, length, character);
    utf8->append(bytes, static_cast<size_t>(length));
  }
}

}  // namespace

void ConverterDeleter::operator()(UConverter* converter) const { ucnv_close(converter); }

TextDecoder::TextDecoder(TextEncoding encoding) : converter_(OpenConverter(encoding)) {}

void TextDecoder::Decode(std::string_view bytes, bool end, std::string* utf8) {
  if (!converter_) {
    utf8->append(bytes);
    return;
  }
  std::vector<UChar> block(8192);
  const char* source = bytes.data();
  const char* const limit = source + bytes.size();
  for (;;) {
    UChar* target = block.data();
    UErrorCode error = U_ZERO_ERROR;
    ucnv_toUnicode(converter_.get(), &target, block.data() + block.size(), &source, limit, nullptr,
                   static_cast<UBool>(end), &error);
    AppendUtf8(block.data(), static_cast<size_t>(target - block.data()), utf8);
    if (error == U_BUFFER_OVERFLOW_ERROR) continue;
    if (U_SUCCESS(error)) return;
    AppendFlaw(utf8);
    if (source == limit && error == U_TRUNCATED_CHAR_FOUND) return;
  }
}

void TextDecoder::AppendFlaw(std::string* utf8) {
  ++flaws_;
  char bytes[32];
  auto size = static_cast<int8_t>(sizeof(bytes));
  UErrorCode error = U_ZERO_ERROR;
  ucnv_getInvalidChars(converter_.get(), bytes, &size, &error);
  for (int8_t i = 0; U_SUCCESS(error) && i < size; ++i) AppendEscape(bytes[i], utf8);
}

TextEncoder::TextEncoder(TextEncoding encoding) : converter_(OpenConverter(encoding)) {}

std::string TextEncoder::Encode(std::string_view utf8) {
  if (!converter_) return std::string(utf8);
  std::string bytes;
  std::vector<UChar> text(utf8.size());
  for (size_t at = 0; at < utf8.size();) {
    char byte = 0;
    if (ReadEscape(utf8, at, &byte)) {
      bytes.push_back(byte);
      at += 3;
      continue;
    }
    size_t end = at + 1;
    while (end < utf8.size() && !ReadEscape(utf8, end, &byte)) ++end;
    int32_t units = 0;
    UErrorCode error = U_ZERO_ERROR;
    u_strFromUTF8WithSub(text.data(), static_cast<int32_t>(text.size()), &units, utf8.data() + at,
                         static_cast<int32_t>(end - at), 0xFFFD, nullptr, &error);
    const size_t held = bytes.size();
    bytes.resize(held + static_cast<size_t>(UCNV_GET_MAX_BYTES_FOR_STRING(units, 4)));
    const int32_t size =
        ucnv_fromUChars(converter_.get(), bytes.data() + held,
                        static_cast<int32_t>(bytes.size() - held), text.data(), units, &error);
    bytes.resize(held + static_cast<size_t>(U_SUCCESS(error) ? size : 0));
    at = end;
  }
  return bytes;
}

}  // namespace tandem::cli
