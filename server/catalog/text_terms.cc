// SPDX-License-Identifier: Apache-2.0

#include "catalog/text_terms.h"

#include <algorithm>
#include <array>
#include <optional>

#include "catalog/text_pinyin.h"

namespace tandem::catalog {
namespace {

using model::RecordType;

// Twice the terms of a record, so that looking up stays short.
constexpr unsigned kSlotBits = 11;
constexpr size_t kSlots = size_t{1} << kSlotBits;
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

KeyRange TermQuery::Keys() const {
  if (match == Match::kPrefix) return CodedKeysWith(term);
  const std::optional<TermKey> key = match == Match::kExact ? KeyOf(term) : std::nullopt;
  return key ? KeyRange{*key, *key} : KeyRange{};
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

size_t TermBlock::SizeOf(const TermList& list) {
  if (list.empty()) return 0;
  return kHeaderBytes + sizeof(PlacedTerm) * list.size() + list.words.size() +
         list.word_chars.size();
}

void TermBlock::Write(const TermList& list, char* to) {
  static_assert(kMaxTerms <= UINT16_MAX);
  if (list.empty()) return;
  auto put = [&](const void* bytes, size_t size) {
    if (size == 0) return;  // an empty vector may have no address
    std::memcpy(to, bytes, size);
    to += size;
  };
  const uint16_t counts[] = {static_cast<uint16_t>(list.coded.size()),
                             static_cast<uint16_t>(list.words.size())};
  put(counts, sizeof(counts));
  put(list.coded.data(), sizeof(PlacedTerm) * list.coded.size());
  put(list.words.data(), sizeof(PlacedTerm) * list.words.size());
  put(list.word_sizes.data(), list.word_sizes.size());
  put(list.word_chars.data(), list.word_chars.size());
}

bool TermBlock::Has(const TermQuery& query) const {
  if (bytes_.empty() || query.term.empty()) return false;
  const Parts parts = Divide();
  if (!IsWordTerm(query.term)) {
    const KeyRange range = query.Keys();
    for (size_t i = 0; i < parts.coded; ++i) {
      const PlacedTerm term = Term(i);
      if (range.first <= term.key() && term.key() <= range.last && term.field() <= query.farthest)
        return true;
    }
    return false;
  }
  bool found = false;
  ForEachWord(parts, [&](PlacedTerm term, std::string_view text) {
    found = found || (term.field() <= query.farthest && text.front() == query.term.front() &&
                      query.Fits(text));
  });
  return found;
}

TermCollector::TermCollector() : keys_(kSlots), rounds_(kSlots, 0) {}

void TermCollector::Collect(absl::Span<const PlacedText> texts, TermList* out) {
  out_ = out;
  out_->Clear();
  if (++round_ == 0) {
    std::fill(rounds_.begin(), rounds_.end(), uint16_t{0});
    round_ = 1;
  }
  for (TextField field : {TextField::kDisplayName, TextField::kOtherName, TextField::kBody}) {
    for (const PlacedText& text : texts) {
      if (text.field == field) AddText(field, text.text);
    }
  }
}

void TermCollector::AddText(TextField field, std::string_view text) {
  FoldText(text, &folded_);
  KindsOf(folded_, &kinds_);
  if (field == TextField::kDisplayName) AddBeginning();
  for (size_t i = 0; i < kinds_.size() && !full();) {
    const size_t end = EndOfRun(i);
    const std::u32string_view run = std::u32string_view(folded_).substr(i, end - i);
    if (kinds_[i] == CharacterKind::kHan) {
      AddHanRun(field, run);
    } else if (kinds_[i] == CharacterKind::kWord) {
      AddWord(TermKind::kWord, field, run);
    }
    i = end;
  }
}

size_t TermCollector::EndOfRun(size_t begin) const {
  size_t end = begin + 1;
  while (end < kinds_.size() && kinds_[end] == kinds_[begin]) ++end;
  return end;
}

void TermCollector::AddBeginning() {
  const size_t begin = !kinds_.empty() && kinds_[0] == CharacterKind::kSeparator ? EndOfRun(0) : 0;
  if (begin == kinds_.size()) return;
  const std::u32string_view run =
      std::u32string_view(folded_).substr(begin, EndOfRun(begin) - begin);
  if (kinds_[begin] == CharacterKind::kHan) {
    AddCoded(HanKey(TermKind::kBeginning, run[0], run.size() > 1 ? run[1] : 0),
             TextField::kDisplayName);
  } else {
    AddWord(TermKind::kBeginning, TextField::kDisplayName, run);
  }
}

void TermCollector::AddHanRun(TextField field, std::u32string_view run) {
  for (size_t i = 0; i < run.size() && !full(); ++i) {
    AddCoded(HanKey(TermKind::kHan, run[i], i + 1 < run.size() ? run[i + 1] : 0), field);
  }
  if (field == TextField::kBody) return;
  AddPinyin(field, run);
  AddInitials(field, run);
}

void TermCollector::AddPinyin(TextField field, std::u32string_view run) {
  absl::Span<const Syllable> readings = ReadingsOf(run[0]);
  for (size_t i = 0; i < run.size(); ++i) {
    const absl::Span<const Syllable> next =
        i + 1 < run.size() ? ReadingsOf(run[i + 1]) : absl::Span<const Syllable>();
    for (Syllable first : readings) {
      if (next.empty()) AddCoded(PinyinKey(first), field);
      for (Syllable second : next) AddCoded(PinyinKey(first, second), field);
    }
    readings = next;
  }
}

void TermCollector::AddInitials(TextField field, std::u32string_view run) {
  struct Spelling {
    std::array<char, kMaxInitials> letters;
    size_t size = 0;
  };
  std::array<Spelling, kMaxSpellings> spellings;
  size_t count = 1;
  for (char32_t character : run.substr(0, kMaxInitials)) {
    std::array<char, 8> letters;
    size_t different = 0;
    for (Syllable reading : ReadingsOf(character)) {
      const char letter = SyllableText(reading).front();
      auto* const end = letters.begin() + different;
      if (different < letters.size() && std::find(letters.begin(), end, letter) == end) {
        letters[different++] = letter;
      }
    }
    if (different == 0) break;
    const size_t before = count;
    for (size_t i = 1; i < different; ++i) {
      for (size_t k = 0; k < before && count < kMaxSpellings; ++k) {
        spellings[count] = spellings[k];
        spellings[count].letters[spellings[count].size++] = letters[i];
        ++count;
      }
    }
    for (size_t k = 0; k < before; ++k) spellings[k].letters[spellings[k].size++] = letters[0];
  }
  for (size_t k = 0; k < count; ++k) {
    const Spelling& spelling = spellings[k];
    if (spelling.size == 0) continue;
    AddCoded(InitialsKey({spelling.letters.data(), spelling.size}), field);
  }
}

void TermCollector::AddWord(TermKind kind, TextField field, std::u32string_view run) {
  if (full()) return;
  word_.assign(1, static_cast<char>(kind));
  for (size_t i = 0; i < run.size() && word_.size() <= kMaxWordBytes - 4; ++i) {
    if (run[i] < 0x80) {
      word_.push_back(static_cast<char>(run[i]));
    } else {
      AppendUtf8(run[i], &word_);
    }
  }
  if (word_.size() < 2) return;
  const TermKey key = WordKey(kind, std::string_view(word_).substr(1));
  if (!IsNew(key)) return;
  out_->words.emplace_back(key, field);
  out_->word_sizes.push_back(static_cast<uint8_t>(word_.size()));
  out_->word_chars.append(word_);
}

void TermCollector::AddCoded(TermKey key, TextField field) {
  if (!full() && IsNew(key)) out_->coded.emplace_back(key, field);
}

bool TermCollector::IsNew(TermKey key) {
  constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;  // Fibonacci hashing: Knuth, TAOCP 6.4
  for (size_t at = (key * kGolden) >> (64U - kSlotBits);; at = (at + 1) % kSlots) {
    if (rounds_[at] != round_) {
      rounds_[at] = round_;
      keys_[at] = key;
      return true;
    }
    if (keys_[at] == key) return false;
  }
}

}  // namespace tandem::catalog
