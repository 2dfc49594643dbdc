// SPDX-License-Identifier: Apache-2.0

#include "model/text_rules.h"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "absl/strings/str_format.h"
#include "model/absl_strings.h"

namespace tandem::model {
namespace {

constexpr UChar32 kZeroWidthNonJoiner = 0x200C;
constexpr UChar32 kZeroWidthJoiner = 0x200D;
// Canonical combining class of a virama, the sign that joins Indic consonants.
constexpr int kViramaClass = 9;

// What stands before a character: the character itself, and the last one that is not a mark.
struct Before {
  UChar32 character = 0;
  UChar32 letter = 0;
};

// Arabic, Mongolian and others shape letters by their neighbours; Indic scripts join after a
// virama.
bool JoinerAllowedAfter(Before before) {
  if (u_getCombiningClass(before.character) == kViramaClass) return true;
  int32_t joining = u_getIntPropertyValue(before.letter, UCHAR_JOINING_TYPE);
  return joining == U_JT_DUAL_JOINING || joining == U_JT_LEFT_JOINING ||
         joining == U_JT_RIGHT_JOINING;
}

// Why a character may not be in a text; empty when it may.
std::string_view CharacterProblem(UChar32 c, Before before, TextKind kind) {
  // Most text here is Chinese: assigned letters, no need to ask.
  if (c >= 0x4E00 && c <= 0x9FFF) return "";
  switch (u_charType(c)) {
    case U_CONTROL_CHAR:
      if (kind == TextKind::kLines && (c == '\n' || c == '\t')) return "";
      return "a control character";
    case U_FORMAT_CHAR:
      if (c == kZeroWidthJoiner || c == kZeroWidthNonJoiner) {
        return JoinerAllowedAfter(before) ? "" : "a zero-width joiner where no script needs it";
      }
      if (u_hasBinaryProperty(c, UCHAR_PREPENDED_CONCATENATION_MARK)) return "";
      return u_hasBinaryProperty(c, UCHAR_BIDI_CONTROL) ? "a direction mark"
                                                        : "an invisible format character";
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return "a line separator";
    case U_PRIVATE_USE_CHAR:
      return "a private-use character";
    case U_SURROGATE:
      return "a surrogate";
    case U_UNASSIGNED:
      return "an unassigned character";
    default:
      return "";
  }
}

}  // namespace

size_t CodePointCount(std::string_view text) {
  size_t count = 0;
  for (char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  return count;
}

bool IsPlainText(std::string_view text) {
  const auto* at = reinterpret_cast<const uint8_t*>(text.data());
  const auto* end = at + text.size();
  while (at < end) {
    if (*at >= 0x20 && *at < 0x7F) {
      ++at;
      continue;
    }
    if (end - at < 3 || (at[1] & 0xC0U) != 0x80 || (at[2] & 0xC0U) != 0x80) return false;
    const auto c =
        static_cast<char32_t>((at[0] & 0x0FU) << 12U | (at[1] & 0x3FU) << 6U | (at[2] & 0x3FU));
    const bool plain =
        (at[0] & 0xF0U) == 0xE0 && ((c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3000 && c <= 0x3029) ||
                                    (c >= 0xFF01 && c <= 0xFF5E));
    if (!plain) return false;
    at += 3;
  }
  return true;
}

void NormaliseText(std::string* text) {
  if (IsPlainText(*text)) return;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* nfc = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error)) return;
  icu::StringPiece piece(text->data(), static_cast<int32_t>(text->size()));
  if (nfc->isNormalizedUTF8(piece, error) || U_FAILURE(error)) return;
  // The UTF-8 functions replace broken bytes; such a text must stay as it is, to be refused.
  for (int32_t at = 0; at < static_cast<int32_t>(text->size());) {
    UChar32 c = 0;
    U8_NEXT(text->data(), at, static_cast<int32_t>(text->size()), c);
    if (c < 0) return;
  }
  std::string normal;
  icu::StringByteSink<std::string> sink(&normal);
  nfc->normalizeUTF8(0, piece, sink, nullptr, error);
  if (U_SUCCESS(error)) *text = std::move(normal);
}

std::string TextProblem(std::string_view text, TextKind kind) {
  if (IsPlainText(text)) return "";
  auto size = static_cast<int32_t>(text.size());
  Before before;
  size_t position = 0;
  for (int32_t at = 0; at < size;) {
    ++position;
    auto byte = static_cast<unsigned char>(text[static_cast<size_t>(at)]);
    if (byte >= 0x20 && byte < 0x7F) {
      before = {byte, byte};
      ++at;
      continue;
    }
    UChar32 c = 0;
    U8_NEXT(text.data(), at, size, c);
    if (c < 0) return StrCat("is not UTF-8 at character ", position);
    std::string_view problem = CharacterProblem(c, before, kind);
    if (!problem.empty()) {
      return absl::StrFormat("holds %s (U+%04X) at character %d", ToAbsl(problem), c, position);
    }
    before.character = c;
    if ((U_GET_GC_MASK(c) & U_GC_M_MASK) == 0) before.letter = c;
  }
  return "";
}

}  // namespace tandem::model
