// SPDX-License-Identifier: Apache-2.0

// The form in which texts are compared when people search: compatibility forms unified (NFKC), case
// folded, traditional characters simplified. Full-width digits, capital letters and 長沙 then find
// what is written 123, capital and 长沙.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tandem::catalog {

// What a folded character is to a search.
enum class CharacterKind : uint8_t {
  // Blanks, punctuation, symbols: ends a word.
  kSeparator,
  // A Chinese character: searched in pairs.
  kHan,
  // Any other letter, a digit or a mark: part of a word.
  kWord,
};

// Replaces `out` with the folded code points of `text`, without apostrophes inside words. Bytes
// that are no UTF-8 become U+FFFD. Any thread; the tables are made on first use.
void FoldText(std::string_view text, std::u32string* out);

// The same as UTF-8, every run of separators as one blank and none at the ends: two texts that
// differ only in form and punctuation fold to the same.
std::string FoldedUtf8(std::string_view text);

// What a folded code point is.
CharacterKind KindOf(char32_t character);
// Replaces `kinds` with what each of them is.
void KindsOf(std::u32string_view text, std::vector<CharacterKind>* kinds);

// Appends `character` as UTF-8.
void AppendUtf8(char32_t character, std::string* out);

}  // namespace tandem::catalog
