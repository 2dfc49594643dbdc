// SPDX-License-Identifier: Apache-2.0

#include "catalog/synonyms.h"

#include <algorithm>

#include "catalog/text_fold.h"

namespace tandem::catalog {
namespace {

size_t CountRuns(std::string_view runs) {
  return static_cast<size_t>(std::count(runs.begin(), runs.end(), ' ')) + 1;
}

// Characters of a single Chinese run; 0 for anything else.
size_t HanLength(std::string_view runs) {
  std::u32string folded;
  FoldText(runs, &folded);
  const bool han = std::all_of(folded.begin(), folded.end(), [](char32_t character) {
    return KindOf(character) == CharacterKind::kHan;
  });
  return han ? folded.size() : 0;
}

std::vector<std::string> FoldAll(const std::vector<std::string>& words) {
  std::vector<std::string> folded;
  for (const std::string& word : words) {
    std::string runs = FoldedRuns(word);
    if (!runs.empty()) folded.push_back(std::move(runs));
  }
  return folded;
}

}  // namespace

std::string FoldedRuns(std::string_view text) {
  std::u32string folded;
  FoldText(text, &folded);
  std::string runs;
  CharacterKind before = CharacterKind::kSeparator;
  for (char32_t character : folded) {
    const CharacterKind kind = KindOf(character);
    if (kind != CharacterKind::kSeparator) {
      if (kind != before && !runs.empty()) runs.push_back(' ');
      AppendUtf8(character, &runs);
    }
    before = kind;
  }
  return runs;
}

Synonyms::Synonyms(const std::vector<SynonymWords>& sets) {
  for (const SynonymWords& set : sets) {
    const std::vector<std::string> words = FoldAll(set.words);
    const bool one_way = !set.targets.empty();
    const std::vector<std::string> targets = one_way ? FoldAll(set.targets) : words;
    for (const std::string& word : words) {
      for (const std::string& target : targets) {
        if (target == word) continue;
        std::vector<std::string>& kept = alternatives_[word];
        const bool known = std::find(kept.begin(), kept.end(), target) != kept.end();
        if (!known && kept.size() < kMaxAlternatives) kept.push_back(target);
      }
    }
  }
  for (const auto& [word, alternatives] : alternatives_) {
    longest_ = std::max(longest_, CountRuns(word));
    const size_t length = HanLength(word);
    if (length < 2) continue;
    if (std::find(han_lengths_.begin(), han_lengths_.end(), length) == han_lengths_.end()) {
      han_lengths_.push_back(length);
    }
  }
  std::sort(han_lengths_.rbegin(), han_lengths_.rend());
}

const std::vector<std::string>* Synonyms::Find(std::string_view runs) const {
  auto it = alternatives_.find(runs);
  return it == alternatives_.end() ? nullptr : &it->second;
}

}  // namespace tandem::catalog
