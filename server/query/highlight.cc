// SPDX-License-Identifier: Apache-2.0

#include "query/highlight.h"

#include <algorithm>
#include <string>

#include "catalog/text_fold.h"
#include "catalog/text_pinyin.h"
#include "query/utf8.h"

namespace tandem::query {
namespace {

using catalog::CharacterKind;

// The folded text, and of each folded character the one of the text it came from.
struct MappedText {
  std::u32string folded;
  std::vector<int32_t> source;
};

MappedText FoldMapped(std::string_view text) {
  MappedText mapped;
  std::u32string one;
  int32_t at = 0;
  while (!text.empty()) {
    // The first character; bytes that are none are taken one by one.
    size_t size = 1;
    while (size < text.size() && size < 4 &&
           (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
      ++size;
    }
    catalog::FoldText(text.substr(0, size), &one);
    for (char32_t c : one) {
      mapped.folded.push_back(c);
      mapped.source.push_back(at);
    }
    text.remove_prefix(size);
    ++at;
  }
  return mapped;
}

std::string Utf8(std::u32string_view characters) {
  std::string out;
  for (char32_t c : characters) catalog::AppendUtf8(c, &out);
  return out;
}

// Finds the places of one text and joins them at the end.
class SpanFinder {
 public:
  explicit SpanFinder(const MappedText& text) : text_(text) {}

  void Find(const SearchWord& word, bool loose) {
    for (const std::vector<SearchWord>& synonym : word.synonyms) {
      for (const SearchWord& part : synonym) FindOwn(part, false);
    }
    if (word.phrase.empty()) return FindOwn(word, loose);
    for (const SearchWord& part : word.phrase) FindOwn(part, loose);
  }

  std::vector<TextSpan> Take() {
    std::sort(spans_.begin(), spans_.end(),
              [](const TextSpan& a, const TextSpan& b) { return a.begin < b.begin; });
    std::vector<TextSpan> joined;
    for (const TextSpan& span : spans_) {
      if (!joined.empty() && span.begin <= joined.back().end) {
        joined.back().end = std::max(joined.back().end, span.end);
      } else {
        joined.push_back(span);
      }
    }
    return joined;
  }

 private:
  void FindOwn(const SearchWord& word, bool loose) {
    std::u32string folded;
    catalog::FoldText(word.text, &folded);
    if (folded.empty()) return;
    if (catalog::KindOf(folded.front()) == CharacterKind::kHan) {
      if (!MarkAll(folded)) {
        for (size_t i = 0; i + 1 < folded.size(); ++i) MarkAll(folded.substr(i, 2));
      }
      return;
    }
    for (size_t i = 0; i < text_.folded.size();) {
      const size_t end = EndOfRun(i);
      const CharacterKind kind = catalog::KindOf(text_.folded[i]);
      if (kind == CharacterKind::kWord) MarkWord(word, folded, i, end, loose);
      if (kind == CharacterKind::kHan) MarkPinyin(word.text, i, end);
      i = end;
    }
  }

  size_t EndOfRun(size_t begin) const {
    const CharacterKind kind = catalog::KindOf(text_.folded[begin]);
    size_t end = begin + 1;
    while (end < text_.folded.size() && catalog::KindOf(text_.folded[end]) == kind) ++end;
    return end;
  }

  void Mark(size_t begin, size_t end) {
    if (begin < end) spans_.push_back({text_.source[begin], text_.source[end - 1] + 1});
  }

  bool MarkAll(const std::u32string& part) {
    bool found = false;
    for (size_t at = text_.folded.find(part); at != std::u32string::npos;
         at = text_.folded.find(part, at + 1)) {
      Mark(at, at + part.size());
      found = true;
    }
    return found;
  }

  void MarkWord(const SearchWord& word, const std::u32string& folded, size_t begin, size_t end,
                bool loose) {
    const std::u32string_view here = std::u32string_view(text_.folded).substr(begin, end - begin);
    if (here.starts_with(folded)) {
      Mark(begin, begin + folded.size());
    } else if (loose && !word.loose.empty() && catalog::WithinOneEdit(word.text, Utf8(here))) {
      Mark(begin, end);
    }
  }

  // Where the letters read as the pinyin of two or more characters, or of one with nothing left
  // out; at the beginning of a run also as initials.
  void MarkPinyin(std::string_view letters, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) {
      const size_t read = ReadFrom(letters, i, end);
      if (read > i) Mark(i, read);
    }
    size_t at = begin;
    for (char letter : letters.substr(0, catalog::kMaxInitials)) {
      if (at == end || !HasInitial(text_.folded[at], letter)) return;
      ++at;
    }
    if (letters.size() >= 2) Mark(begin, at);
  }

  static bool HasInitial(char32_t character, char letter) {
    for (catalog::Syllable reading : catalog::ReadingsOf(character)) {
      if (catalog::SyllableText(reading).front() == letter) return true;
    }
    return false;
  }

  // The character after those that `letters` read from `at` on; 0 when they do not.
  size_t ReadFrom(std::string_view letters, size_t at, size_t end) const {
    if (letters.empty()) return at;
    if (at == end) return 0;
    for (catalog::Syllable reading : catalog::ReadingsOf(text_.folded[at])) {
      const std::string_view syllable = catalog::SyllableText(reading);
      if (letters.starts_with(syllable)) {
        if (const size_t read = ReadFrom(letters.substr(syllable.size()), at + 1, end)) return read;
      }
      if (syllable.starts_with(letters)) return at + 1;
    }
    return 0;
  }

  const MappedText& text_;
  std::vector<TextSpan> spans_;
};

}  // namespace

std::vector<TextSpan> FindSpans(const SearchText& search, std::string_view text, bool loose) {
  const MappedText mapped = FoldMapped(text);
  SpanFinder finder(mapped);
  for (const SearchWord& word : search.words) finder.Find(word, loose);
  return finder.Take();
}

}  // namespace tandem::query
