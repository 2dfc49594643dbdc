// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_fold.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

namespace tandem::catalog {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
// The blocks of most text; everything else asks ICU.
constexpr char32_t kTableEnd = 0x10000;
constexpr char32_t kFirstHan = 0x3400;
constexpr char32_t kLastHan = 0x9FFF;

bool IsHan(char32_t c) {
  return (c >= 0x4E00 && c <= kLastHan) || c == 0x3007 ||
         u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_UNIFIED_IDEOGRAPH);
}

CharacterKind KindByProperties(char32_t c) {
  if (IsHan(c)) return CharacterKind::kHan;
  constexpr uint32_t kWordMask = U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK;
  const uint32_t category = U_GET_GC_MASK(static_cast<UChar32>(c));
  return (category & kWordMask) != 0 ? CharacterKind::kWord : CharacterKind::kSeparator;
}

// ICU's data is a part of this process: without it nothing works.
template <typename T>
T* Required(T* made, UErrorCode status) {
  if (U_FAILURE(status) || made == nullptr) std::abort();
  return made;
}

// Folding by table for the characters whose folding does not depend on their neighbours.
class FoldTables {
 public:
  FoldTables() {
    UErrorCode status = U_ZERO_ERROR;
    nfkc_ = icu::Normalizer2::getNFKCCasefoldInstance(status);
    Required(nfkc_, status);
    for (char32_t c = 0; c < kTableEnd; ++c) kinds_[c] = KindByProperties(c);
    for (char32_t c = 0; c < 0x80; ++c) {
      simple_[c] = static_cast<uint16_t>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    AddInert(0x2000, 0x206F);
    AddInert(0x3000, 0x303F);
    AddInert(0xFF00, 0xFFEF);
    AddHan();
    simple_[kReplacement] = kReplacement;
  }

  // The folded form of a character that folds by itself; 0 when ICU must look at the whole text.
  char32_t Simple(char32_t c) const { return c < kTableEnd ? simple_[c] : 0; }
  CharacterKind Kind(char32_t c) const { return c < kTableEnd ? kinds_[c] : KindByProperties(c); }
  char32_t Simplified(char32_t c) const { return c >= kFirstHan && c <= kLastHan ? simple_[c] : c; }
  const icu::Normalizer2& nfkc() const { return *nfkc_; }

 private:
  // Characters that neither compose with a neighbour nor become several.
  void AddInert(char32_t first, char32_t last) {
    for (char32_t c = first; c <= last; ++c) {
      UErrorCode status = U_ZERO_ERROR;
      const icu::UnicodeString folded =
          nfkc_->normalize(icu::UnicodeString(static_cast<UChar32>(c)), status);
      if (U_FAILURE(status) || folded.length() != 1 || c == U'\u3000') continue;
      const UChar32 to = folded.char32At(0);
      const auto own = static_cast<UChar32>(c);
      if (nfkc_->hasBoundaryBefore(to) && nfkc_->hasBoundaryAfter(to) &&
          nfkc_->hasBoundaryBefore(own) && nfkc_->hasBoundaryAfter(own)) {
        simple_[c] = static_cast<uint16_t>(to);
      }
    }
    simple_[U'\u3000'] = ' ';
  }

  // One run of the transliterator over all of them; a rule may not see its neighbours.
  void AddHan() {
    UErrorCode status = U_ZERO_ERROR;
    std::unique_ptr<icu::Transliterator> simplify(icu::Transliterator::createInstance(
        icu::UnicodeString("Traditional-Simplified"), UTRANS_FORWARD, status));
    Required(simplify.get(), status);
    icu::UnicodeString all;
    for (char32_t c = kFirstHan; c <= kLastHan; ++c) {
      all.append(static_cast<UChar32>(c)).append(u'\n');
    }
    simplify->transliterate(all);
    int32_t at = 0;
    for (char32_t c = kFirstHan; c <= kLastHan; ++c) {
      const int32_t end = all.indexOf(u'\n', at);
      const UChar32 to = all.char32At(at);
      const bool single = end >= 0 && all.countChar32(at, end - at) == 1 && to < 0x10000;
      simple_[c] = static_cast<uint16_t>(single ? static_cast<char32_t>(to) : c);
      at = end + 1;
    }
  }

  const icu::Normalizer2* nfkc_ = nullptr;
  std::array<uint16_t, kTableEnd> simple_{};
  std::array<CharacterKind, kTableEnd> kinds_{};
};

const FoldTables& Tables() {
  static const FoldTables* const kTables = new FoldTables;
  return *kTables;
}

void FoldByIcu(const FoldTables& tables, std::string_view text, std::u32string* out) {
  out->clear();
  UErrorCode status = U_ZERO_ERROR;
  const icu::UnicodeString folded =
      tables.nfkc().normalize(icu::UnicodeString::fromUTF8(
                                  icu::StringPiece(text.data(), static_cast<int32_t>(text.size()))),
                              status);
  if (U_FAILURE(status)) return;
  for (int32_t i = 0; i < folded.length(); i = folded.moveIndex32(i, 1)) {
    out->push_back(tables.Simplified(static_cast<char32_t>(folded.char32At(i))));
  }
}

bool IsApostrophe(char32_t c) { return c == U'\'' || c == U'\u2019'; }

// Apostrophes inside a word are no ends of it: xi'an, children's.
void DropApostrophes(std::u32string* text) {
  std::u32string kept;
  for (size_t i = 0; i < text->size(); ++i) {
    const bool inside = i > 0 && i + 1 < text->size() &&
                        KindOf((*text)[i - 1]) == CharacterKind::kWord &&
                        KindOf((*text)[i + 1]) == CharacterKind::kWord;
    if (!(inside && IsApostrophe((*text)[i]))) kept.push_back((*text)[i]);
  }
  *text = std::move(kept);
}

}  // namespace

void FoldText(std::string_view text, std::u32string* out) {
  const FoldTables& tables = Tables();
  const auto* bytes = reinterpret_cast<const uint8_t*>(text.data());
  const auto size = static_cast<int32_t>(std::min<size_t>(text.size(), INT32_MAX / 4));
  // A code point takes a byte at least.
  out->resize(static_cast<size_t>(size));
  char32_t* to = out->data();
  bool apostrophes = false;
  for (int32_t i = 0; i < size;) {
    UChar32 c = 0;
    U8_NEXT_OR_FFFD(bytes, i, size, c);
    const char32_t folded = tables.Simple(static_cast<char32_t>(c));
    if (folded == 0 && c != 0) {
      FoldByIcu(tables, text.substr(0, static_cast<size_t>(size)), out);
      return DropApostrophes(out);
    }
    apostrophes |= IsApostrophe(folded);
    *to++ = folded;
  }
  out->resize(static_cast<size_t>(to - out->data()));
  if (apostrophes) DropApostrophes(out);
}

std::string FoldedUtf8(std::string_view text) {
  std::u32string folded;
  FoldText(text, &folded);
  std::string out;
  bool blank = false;
  for (char32_t c : folded) {
    if (KindOf(c) == CharacterKind::kSeparator) {
      blank = !out.empty();
      continue;
    }
    if (blank) out.push_back(' ');
    blank = false;
    AppendUtf8(c, &out);
  }
  return out;
}

CharacterKind KindOf(char32_t character) { return Tables().Kind(character); }

void KindsOf(std::u32string_view text, std::vector<CharacterKind>* kinds) {
  const FoldTables& tables = Tables();
  kinds->resize(text.size());
  for (size_t i = 0; i < text.size(); ++i) (*kinds)[i] = tables.Kind(text[i]);
}

void AppendUtf8(char32_t character, std::string* out) {
  char bytes[U8_MAX_LENGTH];
  int32_t length = 0;
  UBool error = false;
  U8_APPEND(reinterpret_cast<uint8_t*>(bytes), length, U8_MAX_LENGTH,
            static_cast<UChar32>(character), error);
  if (!error) out->append(bytes, static_cast<size_t>(length));
}

}  // namespace tandem::catalog
