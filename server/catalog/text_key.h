// SPDX-License-Identifier: Apache-2.0

// A search term in 64 bits, so that a segment compares, sorts and keeps numbers instead of texts.
// As a text, a term's first byte is its kind:
//
//   h长沙      two neighbouring Chinese characters; the last of a run stands alone, so that the
//              terms that begin with a character are the places it stands at
//   wcare      a word of any other script, or a number
//   pchang sha pinyin of two neighbouring characters, each pair of readings; "psha " the last
//   icss       first letters of the pinyin of a run of characters, six at most
//   a长沙      what the display name begins with: two characters, or a word
//
// Terms of characters, syllables and letters are coded: the key holds the whole term, and keys are
// in the order of the texts. Words are too long for that: their key is a hash with a seed of this
// process, so keys are not for disk, and whoever keeps words keeps their texts too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/types/span.h"

namespace tandem::catalog {

enum class TermKind : char {
  kHan = 'h',
  kWord = 'w',
  kPinyin = 'p',
  kInitials = 'i',
  kBeginning = 'a',
};

// Longest word in bytes; the rest of a longer one is not looked at.
inline constexpr size_t kMaxWordBytes = 60;
// Letters of a run's initials.
inline constexpr size_t kMaxInitials = 6;

// Never 0. The lowest kKeySpareBits bits are 0: a list keeps the text field there.
using TermKey = uint64_t;
inline constexpr unsigned kKeySpareBits = 2;

// Whether the key stands for a word (of any kind) and is a hash.
inline bool IsWordKey(TermKey key) { return (key >> 63U) != 0; }

// Keys of the coded kinds. `second` is 0 when the first stands alone; kinds kHan and kBeginning.
TermKey HanKey(TermKind kind, char32_t first, char32_t second);
// Numbers as in text_pinyin.h.
TermKey PinyinKey(uint16_t first);
TermKey PinyinKey(uint16_t first, uint16_t second);
// At most kMaxInitials letters, a-z.
TermKey InitialsKey(std::string_view letters);
// The key of a word; kinds kWord and kBeginning.
TermKey WordKey(TermKind kind, std::string_view word);

// Keys first .. last.
struct KeyRange {
  TermKey first = 1;
  TermKey last = 0;
  bool empty() const { return first > last; }
};

// Whether the text of a term (or the beginning of one), its kind first, is that of a word.
bool IsWordTerm(std::string_view term);
// The key of the term with that text; nullopt when no record can have such a term.
std::optional<TermKey> KeyOf(std::string_view term);
// The coded terms that begin with `prefix`, at least a kind; empty when there can't be any.
// `prefix` is no word.
KeyRange CodedKeysWith(std::string_view prefix);
// What coded terms that begin alike share: the key without what comes behind its first character,
// its first syllable or its first two letters.
TermKey BeginningOfKey(TermKey key);
// The text of a coded term, its kind first.
std::string TextOfKey(TermKey key);

}  // namespace tandem::catalog
