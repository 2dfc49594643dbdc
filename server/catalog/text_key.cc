// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_key.h"

#include <unicode/utf8.h>
#include <xxhash.h>

#include <random>

#include "catalog/text_fold.h"
#include "catalog/text_pinyin.h"

namespace tandem::catalog {
namespace {

// Bit 63: a word; bit 62 then tells the two kinds that have words apart. Otherwise bits 61 and 62
// are the kind in the order of the letters a, h, i, p, and what is coded lies at its lower end.
constexpr uint64_t kWordBit = uint64_t{1} << 63U;
constexpr uint64_t kPlainWordBit = uint64_t{1} << 62U;
constexpr unsigned kKindShift = 61;
constexpr unsigned kCharacterBits = 21;
constexpr unsigned kSyllableBits = 16;
constexpr unsigned kLetterBits = 5;

constexpr uint64_t RankOf(TermKind kind) {
  switch (kind) {
    case TermKind::kBeginning:
      return 0;
    case TermKind::kHan:
      return 1;
    case TermKind::kInitials:
      return 2;
    default:
      return 3;
  }
}

constexpr TermKey Coded(TermKind kind, uint64_t code) {
  return (RankOf(kind) << kKindShift) | (code << kKeySpareBits);
}

TermKind KindOfKey(TermKey coded) {
  constexpr TermKind kKinds[] = {TermKind::kBeginning, TermKind::kHan, TermKind::kInitials,
                                 TermKind::kPinyin};
  return kKinds[(coded >> kKindShift) & 3U];
}

// The coded keys of a kind from one code to another.
KeyRange Range(TermKind kind, uint64_t first, uint64_t last) {
  return {Coded(kind, first), Coded(kind, last)};
}

uint64_t Pair(uint64_t first, uint64_t second, unsigned bits) { return (first << bits) | second; }

// Nobody outside can make two words share a key without knowing it.
uint64_t Seed() {
  static const uint64_t kSeed = [] {
    std::random_device device;
    return (uint64_t{device()} << 32U) | device();
  }();
  return kSeed;
}

// Up to two characters and whether there are more.
struct FewCharacters {
  char32_t characters[2] = {};
  size_t count = 0;
  bool more = false;
};

FewCharacters ReadCharacters(std::string_view text) {
  FewCharacters out;
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t i = 0; i < size;) {
    if (out.count == 2) {
      out.more = true;
      break;
    }
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    out.characters[out.count++] = static_cast<char32_t>(c);
  }
  return out;
}

KeyRange HanKeysWith(TermKind kind, std::string_view prefix) {
  constexpr uint64_t kLast = (uint64_t{1} << kCharacterBits) - 1;
  const FewCharacters few = ReadCharacters(prefix);
  if (few.more) return {};
  switch (few.count) {
    case 0:
      return Range(kind, 0, Pair(kLast, kLast, kCharacterBits));
    case 1:
      return Range(kind, Pair(few.characters[0], 0, kCharacterBits),
                   Pair(few.characters[0], kLast, kCharacterBits));
    default: {
      const TermKey key = HanKey(kind, few.characters[0], few.characters[1]);
      return {key, key};
    }
  }
}

std::optional<uint64_t> LettersCode(std::string_view letters) {
  if (letters.size() > kMaxInitials) return std::nullopt;
  uint64_t code = 0;
  for (size_t i = 0; i < kMaxInitials; ++i) {
    code <<= kLetterBits;
    if (i >= letters.size()) continue;
    if (letters[i] < 'a' || letters[i] > 'z') return std::nullopt;
    code |= static_cast<uint64_t>(letters[i] - 'a' + 1);
  }
  return code;
}

KeyRange InitialsWith(std::string_view letters) {
  const std::optional<uint64_t> code = LettersCode(letters);
  if (!code) return {};
  const auto open = static_cast<unsigned>(kLetterBits * (kMaxInitials - letters.size()));
  return Range(TermKind::kInitials, *code, *code | ((uint64_t{1} << open) - 1));
}

// Syllables are counted from 1 in keys: 0 is none.
KeyRange PinyinWith(std::string_view prefix) {
  constexpr uint64_t kLast = (uint64_t{1} << kSyllableBits) - 1;
  const size_t blank = prefix.find(' ');
  if (blank == std::string_view::npos) {
    const auto [begin, end] = SyllablesWith(prefix);
    if (begin == end) return {};
    return Range(TermKind::kPinyin, Pair(begin + 1U, 0, kSyllableBits),
                 Pair(end, kLast, kSyllableBits));
  }
  const std::optional<Syllable> first = FindSyllable(prefix.substr(0, blank));
  if (!first) return {};
  const std::string_view rest = prefix.substr(blank + 1);
  if (rest.empty()) {
    return Range(TermKind::kPinyin, Pair(*first + 1U, 0, kSyllableBits),
                 Pair(*first + 1U, kLast, kSyllableBits));
  }
  const auto [begin, end] = SyllablesWith(rest);
  if (begin == end) return {};
  return Range(TermKind::kPinyin, Pair(*first + 1U, begin + 1U, kSyllableBits),
               Pair(*first + 1U, end, kSyllableBits));
}

}  // namespace

TermKey HanKey(TermKind kind, char32_t first, char32_t second) {
  return Coded(kind, Pair(first, second, kCharacterBits));
}

TermKey PinyinKey(uint16_t first) {
  return Coded(TermKind::kPinyin, Pair(first + 1U, 0, kSyllableBits));
}

TermKey PinyinKey(uint16_t first, uint16_t second) {
  return Coded(TermKind::kPinyin, Pair(first + 1U, second + 1U, kSyllableBits));
}

TermKey InitialsKey(std::string_view letters) {
  return Coded(TermKind::kInitials, LettersCode(letters).value_or(0));
}

TermKey WordKey(TermKind kind, std::string_view word) {
  constexpr uint64_t kSpare = (uint64_t{1} << kKeySpareBits) - 1;
  const uint64_t hash = XXH3_64bits_withSeed(word.data(), word.size(), Seed());
  const uint64_t plain = kind == TermKind::kWord ? kPlainWordBit : 0;
  return kWordBit | plain | (hash & (kPlainWordBit - 1) & ~kSpare);
}

bool IsWordTerm(std::string_view term) {
  if (term.empty()) return false;
  switch (static_cast<TermKind>(term.front())) {
    case TermKind::kWord:
      return true;
    case TermKind::kBeginning: {
      const FewCharacters few = ReadCharacters(term.substr(1));
      return few.count > 0 && KindOf(few.characters[0]) != CharacterKind::kHan;
    }
    default:
      return false;
  }
}

std::optional<TermKey> KeyOf(std::string_view term) {
  if (term.size() < 2) return std::nullopt;
  const auto kind = static_cast<TermKind>(term.front());
  const std::string_view text = term.substr(1);
  if (IsWordTerm(term)) return WordKey(kind, text);
  switch (kind) {
    case TermKind::kBeginning:
    case TermKind::kHan: {
      const FewCharacters few = ReadCharacters(text);
      if (few.more) return std::nullopt;
      return HanKey(kind, few.characters[0], few.characters[1]);
    }
    case TermKind::kInitials: {
      const std::optional<uint64_t> code = LettersCode(text);
      if (!code) return std::nullopt;
      return Coded(kind, *code);
    }
    case TermKind::kPinyin: {
      const size_t blank = text.find(' ');
      if (blank == std::string_view::npos) return std::nullopt;
      const std::optional<Syllable> first = FindSyllable(text.substr(0, blank));
      if (!first) return std::nullopt;
      if (blank + 1 == text.size()) return PinyinKey(*first);
      const std::optional<Syllable> second = FindSyllable(text.substr(blank + 1));
      if (!second) return std::nullopt;
      return PinyinKey(*first, *second);
    }
    default:
      return std::nullopt;
  }
}

KeyRange CodedKeysWith(std::string_view prefix) {
  if (prefix.empty()) return {};
  const auto kind = static_cast<TermKind>(prefix.front());
  const std::string_view text = prefix.substr(1);
  switch (kind) {
    case TermKind::kBeginning:
    case TermKind::kHan:
      return HanKeysWith(kind, text);
    case TermKind::kInitials:
      return InitialsWith(text);
    case TermKind::kPinyin:
      return PinyinWith(text);
    default:
      return {};
  }
}

TermKey BeginningOfKey(TermKey key) {
  unsigned behind = kCharacterBits;
  if (KindOfKey(key) == TermKind::kPinyin) behind = kSyllableBits;
  if (KindOfKey(key) == TermKind::kInitials) behind = kLetterBits * (kMaxInitials - 2);
  return key >> (behind + kKeySpareBits) << (behind + kKeySpareBits);
}

std::string TextOfKey(TermKey key) {
  const TermKind kind = KindOfKey(key);
  const uint64_t code = (key & ((uint64_t{1} << kKindShift) - 1)) >> kKeySpareBits;
  std::string text(1, static_cast<char>(kind));
  if (kind == TermKind::kInitials) {
    for (size_t i = kMaxInitials; i-- > 0;) {
      const uint64_t letter = (code >> (kLetterBits * i)) & ((1U << kLetterBits) - 1);
      if (letter != 0) text.push_back(static_cast<char>('a' + letter - 1));
    }
    return text;
  }
  const unsigned bits = kind == TermKind::kPinyin ? kSyllableBits : kCharacterBits;
  const uint64_t first = code >> bits, second = code & ((uint64_t{1} << bits) - 1);
  if (kind == TermKind::kPinyin) {
    text.append(SyllableText(static_cast<Syllable>(first - 1))).push_back(' ');
    if (second != 0) text.append(SyllableText(static_cast<Syllable>(second - 1)));
    return text;
  }
  AppendUtf8(static_cast<char32_t>(first), &text);
  if (second != 0) AppendUtf8(static_cast<char32_t>(second), &text);
  return text;
}

}  // namespace tandem::catalog
