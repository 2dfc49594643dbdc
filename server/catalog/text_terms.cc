// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_terms.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>

#include "catalog/text_fold.h"
#include "catalog/text_pinyin.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

constexpr TermKind kKindOrder[] = {TermKind::kHan, TermKind::kWord, TermKind::kPinyin,
                                   TermKind::kInitials, TermKind::kBeginning};
// Twice the terms of a record, so that looking up stays short.
constexpr size_t kSlots = 2048;
static_assert(kSlots >= 2 * kMaxTerms);
// Ways to spell the initials of a run; more than one reading a character multiplies them.
constexpr size_t kMaxSpellings = 8;

// The characters of UTF-8 text, in short texts that are compared by editing.
std::u32string CharactersOf(std::string_view text) {
  std::u32string out;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<uint8_t>(text[i]);
    const size_t size = std::min<size_t>(
        first < 0x80 ? 1 : (first < 0xE0 ? 2 : (first < 0xF0 ? 3 : 4)), text.size() - i);
    char32_t character = 0;
    for (size_t k = 0; k < size; ++k) {
      character = (character << 8U) | static_cast<uint8_t>(text[i + k]);
    }
    out.push_back(character);
    i += size;
  }
  return out;
}

}  // namespace

bool WithinOneEdit(std::string_view a, std::string_view b) {
  if (a.size() > b.size() + 4 || b.size() > a.size() + 4) return false;
  const std::u32string left = CharactersOf(a), right = CharactersOf(b);
  const size_t shorter = std::min(left.size(), right.size());
  const size_t longer = std::max(left.size(), right.size());
  if (longer > shorter + 1) return false;
  size_t same = 0;
  while (same < shorter && left[same] == right[same]) ++same;
  if (same == longer) return true;
  auto rest_equal = [&](size_t skip_left, size_t skip_right) {
    return left.substr(std::min(same + skip_left, left.size())) ==
           right.substr(std::min(same + skip_right, right.size()));
  };
  if (left.size() < right.size()) return rest_equal(0, 1);
  if (left.size() > right.size()) return rest_equal(1, 0);
  const bool swapped = same + 1 < shorter && left[same] == right[same + 1] &&
                       left[same + 1] == right[same] && rest_equal(2, 2);
  return swapped || rest_equal(1, 1);
}

bool TermQuery::Fits(std::string_view other) const {
  switch (match) {
    case Match::kExact:
      return other == term;
    case Match::kPrefix:
      return other.starts_with(term);
    case Match::kOneTypo:
      return WithinOneEdit(term, other);
  }
  return false;
}

absl::Span<const TextSource> TextSourcesOf(RecordType type) {
  static constexpr TextSource kAgency[] = {
      {"display_name", TextField::kDisplayName}, {"names.text", TextField::kOtherName},
      {"former_names", TextField::kOtherName},   {"identifiers.value", TextField::kBody},
      {"what_we_do", TextField::kBody},          {"how_we_do_it", TextField::kBody}};
  static constexpr TextSource kRegion[] = {{"display_name", TextField::kDisplayName},
                                           {"names.text", TextField::kOtherName},
                                           {"former_names", TextField::kOtherName},
                                           {"code", TextField::kBody},
                                           {"iso_3166_2", TextField::kBody}};
  static constexpr TextSource kCategory[] = {{"display_name", TextField::kDisplayName},
                                             {"names.text", TextField::kOtherName},
                                             {"former_names", TextField::kOtherName},
                                             {"code", TextField::kBody},
                                             {"definition", TextField::kBody}};
  switch (type) {
    case RecordType::kAgency:
      return kAgency;
    case RecordType::kRegion:
      return kRegion;
    case RecordType::kServiceCategory:
      return kCategory;
    default:
      return {};
  }
}

size_t TermBlock::IndexOf(TermKind kind) {
  return static_cast<size_t>(std::find(std::begin(kKindOrder), std::end(kKindOrder), kind) -
                             std::begin(kKindOrder));
}

bool TermBlock::Has(const TermQuery& query) const {
  bool found = false;
  if (query.term.empty()) return false;
  ForEach(static_cast<TermKind>(query.term.front()), [&](TextField field, std::string_view term) {
    found = found || (field <= query.farthest && query.Fits(term));
  });
  return found;
}

TermCollector::TermCollector() : slots_(kSlots) {}

void TermCollector::Add(TextField field, std::string_view text) {
  FoldText(text, &folded_);
  const std::u32string_view all = folded_;
  if (field == TextField::kDisplayName) AddBeginning();
  for (size_t i = 0; i < all.size() && terms_ < kMaxTerms;) {
    const CharacterKind kind = KindOf(all[i]);
    size_t end = i + 1;
    while (end < all.size() && KindOf(all[end]) == kind) ++end;
    if (kind == CharacterKind::kHan) {
      AddHanRun(field, all.substr(i, end - i));
    } else if (kind == CharacterKind::kWord) {
      term_.assign(1, static_cast<char>(TermKind::kWord));
      for (size_t k = i; k < end && term_.size() <= kMaxWordBytes - 4; ++k) {
        AppendUtf8(all[k], &term_);
      }
      AddTerm(TermKind::kWord, field);
    }
    i = end;
  }
}

void TermCollector::AddBeginning() {
  size_t i = 0;
  while (i < folded_.size() && KindOf(folded_[i]) == CharacterKind::kSeparator) ++i;
  if (i == folded_.size()) return;
  const CharacterKind kind = KindOf(folded_[i]);
  const size_t most = kind == CharacterKind::kHan ? 2 : kMaxWordBytes;
  term_.assign(1, static_cast<char>(TermKind::kBeginning));
  for (size_t k = i; k < folded_.size() && k < i + most && KindOf(folded_[k]) == kind &&
                     term_.size() <= kMaxWordBytes - 4;
       ++k) {
    AppendUtf8(folded_[k], &term_);
  }
  AddTerm(TermKind::kBeginning, TextField::kDisplayName);
}

void TermCollector::AddHanRun(TextField field, std::u32string_view run) {
  for (size_t i = 0; i < run.size() && terms_ < kMaxTerms; ++i) {
    term_.assign(1, static_cast<char>(TermKind::kHan));
    AppendUtf8(run[i], &term_);
    if (i + 1 < run.size()) AppendUtf8(run[i + 1], &term_);
    AddTerm(TermKind::kHan, field);
  }
  if (field == TextField::kBody) return;
  AddPinyin(field, run);
  AddInitials(field, run);
}

void TermCollector::AddPinyin(TextField field, std::u32string_view run) {
  for (size_t i = 0; i < run.size(); ++i) {
    const absl::Span<const Syllable> next =
        i + 1 < run.size() ? ReadingsOf(run[i + 1]) : absl::Span<const Syllable>();
    for (Syllable first : ReadingsOf(run[i])) {
      term_.assign(1, static_cast<char>(TermKind::kPinyin));
      term_.append(SyllableText(first)).push_back(' ');
      const size_t head = term_.size();
      if (next.empty()) AddTerm(TermKind::kPinyin, field);
      for (Syllable second : next) {
        term_.resize(head);
        term_.append(SyllableText(second));
        AddTerm(TermKind::kPinyin, field);
      }
    }
  }
}

void TermCollector::AddInitials(TextField field, std::u32string_view run) {
  std::vector<std::string> spellings(1, std::string(1, static_cast<char>(TermKind::kInitials)));
  for (char32_t character : run.substr(0, kMaxInitials)) {
    std::string letters;
    for (Syllable reading : ReadingsOf(character)) {
      const char letter = SyllableText(reading).front();
      if (letters.find(letter) == std::string::npos) letters.push_back(letter);
    }
    if (letters.empty()) break;
    const size_t before = spellings.size();
    for (size_t i = 1; i < letters.size(); ++i) {
      for (size_t k = 0; k < before && spellings.size() < kMaxSpellings; ++k) {
        spellings.push_back(spellings[k] + letters[i]);
      }
    }
    for (size_t k = 0; k < before; ++k) spellings[k].push_back(letters[0]);
  }
  for (const std::string& spelling : spellings) {
    if (spelling.size() < 2) continue;
    term_ = spelling;
    AddTerm(TermKind::kInitials, field);
  }
}

void TermCollector::AddTerm(TermKind kind, TextField field) {
  if (terms_ >= kMaxTerms || term_.size() < 2) return;
  const uint64_t hash = XXH3_64bits(term_.data(), term_.size());
  for (size_t at = hash % kSlots;; at = (at + 1) % kSlots) {
    Slot& slot = slots_[at];
    if (slot.round != round_) {
      slot = {round_, hash};
      break;
    }
    if (slot.hash == hash) return;
  }
  ++terms_;
  std::string& bytes = by_kind_[TermBlock::IndexOf(kind)];
  bytes.push_back(static_cast<char>(field));
  bytes.push_back(static_cast<char>(term_.size()));
  bytes.append(term_);
}

std::string TermCollector::Take() {
  std::string block;
  if (terms_ > 0) {
    size_t size = TermBlock::kHeaderBytes;
    for (const std::string& bytes : by_kind_) size += bytes.size();
    block.reserve(size);
    uint32_t end = TermBlock::kHeaderBytes;
    for (const std::string& bytes : by_kind_) {
      end += static_cast<uint32_t>(bytes.size());
      block.append(reinterpret_cast<const char*>(&end), sizeof(end));
    }
    for (std::string& bytes : by_kind_) {
      block.append(bytes);
      bytes.clear();
    }
  }
  terms_ = 0;
  if (++round_ == 0) {
    slots_.assign(kSlots, Slot());
    round_ = 1;
  }
  return block;
}

}  // namespace tandem::catalog
