// SPDX-License-Identifier: Apache-2.0

// The words that searches take for each other, from all live synonym sets of a view: made once
// after a set changed, then shared. Words are kept folded and cut into runs the way searches cut
// what was typed: 养老, "old people", "app 开发" (two runs).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/text_hash.h"

namespace tandem::catalog {

// Alternatives kept for one word; what sets later by name add is left out.
inline constexpr size_t kMaxAlternatives = 8;

// One set, as it is stored.
struct SynonymWords {
  std::vector<std::string> words;
  // Empty: the words stand for each other.
  std::vector<std::string> targets;
};

// Immutable; any number of threads.
class Synonyms {
 public:
  Synonyms() = default;
  // `sets` in the order of their names.
  explicit Synonyms(const std::vector<SynonymWords>& sets);

  bool empty() const { return alternatives_.empty(); }
  // What else is looked for when somebody types `runs`: folded runs with one blank between them.
  // Each alternative has that form too. Null: nothing.
  const std::vector<std::string>* Find(std::string_view runs) const;
  // Most runs of a word in here.
  size_t longest() const { return longest_; }
  // How many characters the words of one Chinese run have, the longest first: those found inside
  // longer runs. Words of one character are found only as they are.
  const std::vector<size_t>& han_lengths() const { return han_lengths_; }

 private:
  TextMap<std::vector<std::string>> alternatives_;
  size_t longest_ = 0;
  std::vector<size_t> han_lengths_;
};

// The runs of `text`, folded, with one blank between them; empty for text without any.
std::string FoldedRuns(std::string_view text);

}  // namespace tandem::catalog
