// SPDX-License-Identifier: Apache-2.0

// Relevance as levels. Every level is a condition; a record belongs to the first one it meets, and
// inside a level the order of the type decides (rating for agencies, depth for regions, then name).
// That makes relevance exact, the same on every machine, and cheap: a search fills its page level
// by level with the plans that lists use and stops when the page is full.
//
//   0      the display name is the text
//   1      the display name begins with the text
//   2      every word stands in the display name as it is
//   3      every word stands there, or begins there
//   4 …    every word stands in a name; the more and the rarer words the display name has, the
//          higher
//   … n    every word stands somewhere in the record, ordered the same by the words its names have
#pragma once

#include <cstdint>
#include <vector>

#include "catalog/view.h"
#include "query/condition.h"
#include "query/search_words.h"

namespace tandem::query {

// Words whose rarity makes levels; the others of a longer text only must be there.
inline constexpr size_t kRankedWords = 3;

// A word of the text that makes levels, and its weight: about the number of times its record count
// doubles into that of the type.
struct RankedWord {
  int32_t word = 0;
  int32_t weight = 0;
};

// The rarest words of the text, at most kRankedWords, rarest first; empty for one word, whose
// levels need no weights. Counted from the postings of the view, where rows that died lately still
// count, so page tokens carry the weights of the first page.
std::vector<RankedWord> RankWords(const SearchText& text, const catalog::View& view,
                                  model::RecordType type, catalog::TextField farthest);

struct SearchLevels {
  // Level k is levels[k]; a record that meets none of them is no result.
  std::vector<Condition> levels;
  // What every result meets: the loosest level.
  Condition any;
};

// The levels of `text`, which has words. `farthest` kOtherName leaves descriptions out.
SearchLevels MakeLevels(const SearchText& text, model::RecordType type, catalog::TextField farthest,
                        bool loose, const std::vector<RankedWord>& ranked);

}  // namespace tandem::query
