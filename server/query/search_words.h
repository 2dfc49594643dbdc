// SPDX-License-Identifier: Apache-2.0

// What somebody typed, read as words: for each the terms that a record must have, closest ways
// first. A word is a run of Chinese characters, or of other letters and digits.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/synonyms.h"
#include "catalog/text_terms.h"
#include "query/condition.h"

namespace tandem::query {

inline constexpr size_t kMaxSearchCharacters = 200;
inline constexpr size_t kMaxSearchWords = 16;

// Terms that a record must have, all of them.
using TermGroup = std::vector<catalog::TermQuery>;

// One word and the groups of terms it may be found by; each list adds to the ones before.
struct SearchWord {
  // Folded.
  std::string text;
  // The word as it is: its pairs of characters, the whole word, its whole pinyin.
  std::vector<TermGroup> exact;
  // Its beginning: a longer word, pinyin that goes on, initials.
  std::vector<TermGroup> partial;
  // Only when nothing else was found: one typo, or not all pairs of a long run.
  std::vector<TermGroup> loose;
  // Of words that have synonyms together ("old people"): the single ones, all of which must be
  // found. The lists above are empty then.
  std::vector<SearchWord> phrase;
  // What else the word may be found by, never in place of an exact find: each the words of one
  // synonym, all of which must be found.
  std::vector<std::vector<SearchWord>> synonyms;
};

// How far a word may be from what was typed.
enum class Closeness { kExact, kPartial, kLoose };

struct SearchText {
  std::vector<SearchWord> words;
  // As typed without blanks at the ends, and folded.
  std::string typed;
  std::string folded;
  // What a display name that begins with the text begins with; empty when there are no words.
  catalog::TermQuery beginning;
  // The synonyms looked for, as text: page tokens belong to them too.
  std::string expansion;

  // Whether kLoose differs from kPartial for some word.
  bool has_loose() const;
};

// Reads `text`. FIELD_INVALID for the field `text` when it is longer than kMaxSearchCharacters, is
// no UTF-8 or has more than kMaxSearchWords words. Text of nothing but blanks and punctuation has
// no words. A word gets at most catalog::kMaxAlternatives of the synonyms.
absl::StatusOr<SearchText> ReadSearchText(std::string_view text, const catalog::Synonyms& synonyms);

// The condition that a record has the word in `farthest` or closer.
Condition WordCondition(const SearchWord& word, catalog::TextField farthest, Closeness closeness);

}  // namespace tandem::query
