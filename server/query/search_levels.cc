// SPDX-License-Identifier: Apache-2.0

#include "query/search_levels.h"

#include <algorithm>
#include <utility>

#include "query/planner.h"

namespace tandem::query {
namespace {

using catalog::TextField;

Condition DisplayNameIs(const catalog::IndexedField* field, const std::string& text) {
  Condition is;
  is.kind = Condition::Kind::kText;
  is.field = field;
  is.pattern.text = text;
  return is;
}

Condition AllWords(const SearchText& text, TextField farthest, Closeness closeness) {
  Condition all;
  for (const SearchWord& word : text.words) {
    all.children.push_back(WordCondition(word, farthest, closeness));
  }
  return all;
}

Condition ExactName(const SearchText& text, const catalog::IndexedField* field) {
  Condition either;
  either.kind = Condition::Kind::kAny;
  either.children.push_back(DisplayNameIs(field, text.typed));
  if (text.folded != text.typed) either.children.push_back(DisplayNameIs(field, text.folded));
  return either;
}

Condition NameBegins(const SearchText& text, const catalog::IndexedField* field) {
  Condition all;
  Condition anchor;
  anchor.kind = Condition::Kind::kTerm;
  anchor.term = text.beginning;
  anchor.term.farthest = TextField::kDisplayName;
  all.children.push_back(std::move(anchor));
  // Two characters are all that the anchor knows; more is looked up in the name.
  if (text.beginning.term.substr(1) != text.folded) {
    Condition begins;
    begins.kind = Condition::Kind::kNameBegins;
    begins.field = field;
    begins.pattern.text = text.folded;
    all.children.push_back(std::move(begins));
  }
  return all;
}

// The sets of ranked words by falling weight: bit i stands for ranked[i].
std::vector<uint32_t> SetsByWeight(const std::vector<RankedWord>& ranked) {
  std::vector<std::pair<int32_t, uint32_t>> sets;
  for (uint32_t set = 0; set < (1U << ranked.size()); ++set) {
    int32_t weight = 0;
    for (size_t i = 0; i < ranked.size(); ++i) {
      if (((set >> i) & 1U) != 0) weight += ranked[i].weight;
    }
    sets.emplace_back(-weight, set);
  }
  std::sort(sets.begin(), sets.end());
  std::vector<uint32_t> order;
  for (const auto& [weight, set] : sets) order.push_back(set);
  return order;
}

// One level for each set of ranked words that stand in `closer`, all words in `farther`. What has
// more of them belongs to a level before, so "at least this set" is enough.
void AddSets(const SearchText& text, TextField closer, TextField farther, Closeness closeness,
             const std::vector<RankedWord>& ranked, std::vector<Condition>* levels) {
  for (uint32_t set : SetsByWeight(ranked)) {
    Condition level = AllWords(text, farther, closeness);
    for (size_t i = 0; i < ranked.size(); ++i) {
      if (((set >> i) & 1U) == 0) continue;
      const auto word = static_cast<size_t>(ranked[i].word);
      level.children[word] = WordCondition(text.words[word], closer, closeness);
    }
    levels->push_back(std::move(level));
  }
}

int32_t Weight(uint64_t rows, uint64_t having) {
  int32_t weight = 1;
  for (uint64_t at = std::max<uint64_t>(having, 1); at * 2 <= rows; at *= 2) ++weight;
  return weight;
}

}  // namespace

std::vector<RankedWord> RankWords(const SearchText& text, const catalog::View& view,
                                  model::RecordType type, TextField farthest) {
  std::vector<RankedWord> ranked;
  if (text.words.size() < 2) return ranked;
  const std::vector<catalog::SegmentView> segments = view.segments(type);
  uint64_t rows = 0;
  for (const catalog::SegmentView& part : segments) rows += part.row_count();
  for (size_t i = 0; i < text.words.size(); ++i) {
    const Condition word = WordCondition(text.words[i], farthest, Closeness::kPartial);
    uint64_t having = 0;
    for (const catalog::SegmentView& part : segments) {
      if (part.sealed()) having += PlanSegment(word, view, part)->bound();
    }
    ranked.push_back({static_cast<int32_t>(i), Weight(rows, having)});
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const RankedWord& a, const RankedWord& b) { return a.weight > b.weight; });
  ranked.resize(std::min(ranked.size(), kRankedWords));
  return ranked;
}

SearchLevels MakeLevels(const SearchText& text, model::RecordType type, TextField farthest,
                        bool loose, const std::vector<RankedWord>& ranked) {
  const catalog::IndexedField* name = catalog::FieldTable::Of(type).Find("display_name");
  const Closeness partial = loose ? Closeness::kLoose : Closeness::kPartial;
  SearchLevels made;
  made.levels.push_back(ExactName(text, name));
  made.levels.push_back(NameBegins(text, name));
  made.levels.push_back(AllWords(text, TextField::kDisplayName, Closeness::kExact));
  made.levels.push_back(AllWords(text, TextField::kDisplayName, partial));
  AddSets(text, TextField::kDisplayName, TextField::kOtherName, partial, ranked, &made.levels);
  if (farthest == TextField::kBody) {
    AddSets(text, TextField::kOtherName, TextField::kBody, partial, ranked, &made.levels);
  }
  made.any = made.levels.back();
  return made;
}

}  // namespace tandem::query
