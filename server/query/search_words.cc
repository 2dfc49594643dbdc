// SPDX-License-Identifier: Apache-2.0

#include "query/search_words.h"

#include <algorithm>
#include <utility>

#include "catalog/text_fold.h"
#include "catalog/text_pinyin.h"
#include "model/absl_strings.h"
#include "model/error.h"
#include "query/name_list.h"
#include "query/utf8.h"

namespace tandem::query {
namespace {

using catalog::CharacterKind;
using catalog::TermKind;
using catalog::TermQuery;
using Match = catalog::TermQuery::Match;

// Ways to divide typed letters into syllables: "xian" is 西安 and 先.
constexpr size_t kMostReadings = 4;
// A typo in a shorter word makes another word.
constexpr size_t kMinTypoLetters = 4;

TermQuery Term(TermKind kind, std::string_view text, Match match) {
  TermQuery query;
  query.term.push_back(static_cast<char>(kind));
  query.term.append(text);
  query.match = match;
  return query;
}

std::string Utf8(std::u32string_view characters) {
  std::string out;
  for (char32_t c : characters) catalog::AppendUtf8(c, &out);
  return out;
}

SearchWord HanWord(std::u32string_view run) {
  SearchWord word;
  word.text = Utf8(run);
  if (run.size() == 1) {
    word.exact.push_back({Term(TermKind::kHan, word.text, Match::kPrefix)});
    return word;
  }
  TermGroup all, apart;
  for (size_t i = 0; i + 1 < run.size(); ++i) {
    TermQuery pair = Term(TermKind::kHan, Utf8(run.substr(i, 2)), Match::kExact);
    // 长沙社工 is loosely 长沙 and 社工: every second pair, and the last.
    if (i % 2 == 0 || i + 2 == run.size()) apart.push_back(pair);
    all.push_back(std::move(pair));
  }
  if (apart.size() < all.size()) word.loose.push_back(std::move(apart));
  word.exact.push_back(std::move(all));
  return word;
}

void AddPinyin(SearchWord* word) {
  for (const catalog::PinyinReading& reading : catalog::ReadAsPinyin(word->text, kMostReadings)) {
    const std::vector<std::string_view>& parts = reading.syllables;
    if (parts.size() == 1) {
      const std::string one = StrCat(parts[0], reading.last_is_partial ? "" : " ");
      word->partial.push_back({Term(TermKind::kPinyin, one, Match::kPrefix)});
      continue;
    }
    TermGroup whole;
    for (size_t i = 0; i + 1 < parts.size(); ++i) {
      whole.push_back(Term(TermKind::kPinyin, StrCat(parts[i], " ", parts[i + 1]), Match::kExact));
    }
    TermGroup begun = whole;
    begun.back().match = Match::kPrefix;
    word->partial.push_back(std::move(begun));
    if (!reading.last_is_partial) word->exact.push_back(std::move(whole));
  }
}

SearchWord OtherWord(std::u32string_view run) {
  SearchWord word;
  word.text = Utf8(run);
  if (word.text.size() > catalog::kMaxWordBytes - 4) {
    // Cut where the terms of records are cut.
    std::string cut(1, ' ');
    for (char32_t c : run) {
      if (cut.size() > catalog::kMaxWordBytes - 4) break;
      catalog::AppendUtf8(c, &cut);
    }
    word.text = cut.substr(1);
  }
  word.exact.push_back({Term(TermKind::kWord, word.text, Match::kExact)});
  word.partial.push_back({Term(TermKind::kWord, word.text, Match::kPrefix)});
  AddPinyin(&word);
  const bool letters =
      std::all_of(word.text.begin(), word.text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  if (letters && word.text.size() >= 2) {
    // Records keep the first letters only.
    word.partial.push_back(
        {Term(TermKind::kInitials, word.text.substr(0, catalog::kMaxInitials), Match::kPrefix)});
  }
  if (CountCharacters(word.text) >= kMinTypoLetters) {
    word.loose.push_back({Term(TermKind::kWord, word.text, Match::kOneTypo)});
  }
  return word;
}

SearchWord RunWord(std::u32string_view run) {
  return catalog::KindOf(run.front()) == CharacterKind::kHan ? HanWord(run) : OtherWord(run);
}

// The words of folded runs; they have no loose ways, as nobody typed them.
std::vector<SearchWord> WordsOf(std::string_view runs) {
  std::u32string folded;
  catalog::FoldText(runs, &folded);
  const std::u32string_view all = folded;
  std::vector<SearchWord> words;
  for (size_t i = 0; i < all.size();) {
    const CharacterKind kind = catalog::KindOf(all[i]);
    size_t end = i + 1;
    while (end < all.size() && catalog::KindOf(all[end]) == kind) ++end;
    if (kind != CharacterKind::kSeparator) {
      words.push_back(RunWord(all.substr(i, end - i)));
      words.back().loose.clear();
    }
    i = end;
  }
  return words;
}

// Adds alternatives to a word until it has enough.
class SynonymAdder {
 public:
  SynonymAdder(const catalog::Synonyms& synonyms, std::string* expansion)
      : synonyms_(synonyms), expansion_(expansion) {}

  // Those of the whole word, whose runs are `runs`.
  void AddWhole(const std::string& runs, SearchWord* word) { AddEach(runs, "", "", word); }

  // Those of the words inside a Chinese run, the longest first: 居家养老 is 居家 and 老年 too.
  void AddInside(std::u32string_view run, SearchWord* word) {
    for (size_t length : synonyms_.han_lengths()) {
      if (length >= run.size()) continue;
      for (size_t at = 0; at + length <= run.size(); ++at) {
        AddEach(Utf8(run.substr(at, length)), Utf8(run.substr(0, at)),
                Utf8(run.substr(at + length)), word);
      }
    }
  }

 private:
  void AddEach(const std::string& runs, const std::string& before, const std::string& after,
               SearchWord* word) {
    const std::vector<std::string>* alternatives = synonyms_.Find(runs);
    if (alternatives == nullptr) return;
    for (const std::string& alternative : *alternatives) {
      if (word->synonyms.size() == catalog::kMaxAlternatives) return;
      const std::string text = StrCat(before, " ", alternative, " ", after);
      word->synonyms.push_back(WordsOf(text));
      StrAppend(expansion_, text, "\n");
    }
  }

  const catalog::Synonyms& synonyms_;
  std::string* const expansion_;
};

// What the terms of a display name's beginning are compared with.
TermQuery BeginningOf(std::u32string_view folded, size_t begin, size_t end, bool only_word) {
  const bool han = catalog::KindOf(folded[begin]) == CharacterKind::kHan;
  const std::u32string_view run =
      folded.substr(begin, han ? std::min<size_t>(2, end - begin) : end - begin);
  const std::string text = han ? Utf8(run) : OtherWord(run).text;
  const bool open = only_word && (!han || run.size() == 1);
  return Term(TermKind::kBeginning, text, open ? Match::kPrefix : Match::kExact);
}

// The words of the runs, those that have synonyms together as one.
void AddWords(const std::vector<std::u32string_view>& runs, const catalog::Synonyms& synonyms,
              SearchText* read) {
  SynonymAdder adder(synonyms, &read->expansion);
  for (size_t i = 0; i < runs.size();) {
    std::string text;
    size_t together = std::min(synonyms.longest(), runs.size() - i);
    for (; together > 1; --together) {
      text = Utf8(runs[i]);
      for (size_t k = 1; k < together; ++k) StrAppend(&text, " ", Utf8(runs[i + k]));
      if (synonyms.Find(text) != nullptr) break;
    }
    SearchWord word;
    if (together > 1) {
      word.text = text;
      for (size_t k = 0; k < together; ++k) word.phrase.push_back(RunWord(runs[i + k]));
      adder.AddWhole(text, &word);
      i += together;
    } else {
      word = RunWord(runs[i]);
      adder.AddWhole(Utf8(runs[i]), &word);
      if (catalog::KindOf(runs[i].front()) == CharacterKind::kHan) adder.AddInside(runs[i], &word);
      ++i;
    }
    read->words.push_back(std::move(word));
  }
}

Condition GroupCondition(const TermGroup& group, catalog::TextField farthest) {
  Condition all;
  for (const TermQuery& query : group) {
    Condition term;
    term.kind = Condition::Kind::kTerm;
    term.term = query;
    term.term.farthest = farthest;
    all.children.push_back(std::move(term));
  }
  if (all.children.size() == 1) return std::move(all.children.front());
  return all;
}

}  // namespace

bool SearchText::has_loose() const {
  return std::any_of(words.begin(), words.end(), [](const SearchWord& word) {
    return !word.loose.empty() ||
           std::any_of(word.phrase.begin(), word.phrase.end(),
                       [](const SearchWord& part) { return !part.loose.empty(); });
  });
}

absl::StatusOr<SearchText> ReadSearchText(std::string_view text,
                                          const catalog::Synonyms& synonyms) {
  if (FirstInvalidUtf8(text) != text.size()) {
    return model::FieldsInvalid({{"text", "is no UTF-8"}});
  }
  if (CountCharacters(text) > kMaxSearchCharacters) {
    return model::FieldsInvalid(
        {{"text", StrCat("is longer than ", kMaxSearchCharacters, " characters")}});
  }
  SearchText read;
  read.typed = std::string(WithoutBlanks(text));
  read.folded = catalog::FoldedUtf8(text);
  std::u32string folded;
  catalog::FoldText(text, &folded);
  const std::u32string_view all = folded;
  std::vector<std::u32string_view> runs;
  for (size_t i = 0; i < all.size();) {
    const CharacterKind kind = catalog::KindOf(all[i]);
    size_t end = i + 1;
    while (end < all.size() && catalog::KindOf(all[end]) == kind) ++end;
    if (kind != CharacterKind::kSeparator) runs.push_back(all.substr(i, end - i));
    i = end;
  }
  if (runs.size() > kMaxSearchWords) {
    return model::FieldsInvalid({{"text", StrCat("has more than ", kMaxSearchWords, " words")}});
  }
  if (runs.empty()) return read;
  const auto begin = static_cast<size_t>(runs.front().data() - all.data());
  read.beginning = BeginningOf(all, begin, begin + runs.front().size(), runs.size() == 1);
  AddWords(runs, synonyms, &read);
  return read;
}

namespace {

Condition AllOf(const std::vector<SearchWord>& words, catalog::TextField farthest,
                Closeness closeness) {
  Condition all;
  for (const SearchWord& word : words) {
    all.children.push_back(WordCondition(word, farthest, closeness));
  }
  if (all.children.size() == 1) return std::move(all.children.front());
  return all;
}

}  // namespace

Condition WordCondition(const SearchWord& word, catalog::TextField farthest, Closeness closeness) {
  Condition any;
  any.kind = Condition::Kind::kAny;
  auto add = [&](const std::vector<TermGroup>& groups) {
    for (const TermGroup& group : groups) any.children.push_back(GroupCondition(group, farthest));
  };
  add(word.exact);
  if (closeness != Closeness::kExact) add(word.partial);
  if (closeness == Closeness::kLoose) add(word.loose);
  if (!word.phrase.empty()) any.children.push_back(AllOf(word.phrase, farthest, closeness));
  if (closeness != Closeness::kExact) {
    for (const std::vector<SearchWord>& synonym : word.synonyms) {
      any.children.push_back(AllOf(synonym, farthest, Closeness::kPartial));
    }
  }
  if (any.children.size() == 1) return std::move(any.children.front());
  return any;
}

}  // namespace tandem::query
