// SPDX-License-Identifier: Apache-2.0

#include "model/absl_strings.h"
#include "model/record_rules.h"
#include "model/unique_items.h"
#include "unicode/uchar.h"
#include "unicode/utf8.h"

namespace tandem::model {
namespace {

constexpr int kMaxWordsInAll = 100;

// Whether a search would see anything in the text.
bool HasLetterOrDigit(const std::string& text) {
  const auto size = static_cast<int32_t>(text.size());
  for (int32_t at = 0; at < size;) {
    UChar32 character = 0;
    U8_NEXT(text.data(), at, size, character);
    if (character >= 0 && u_isalnum(character)) return true;
  }
  return false;
}

template <typename List>
void CheckWords(const List& words, std::string_view list, RuleFindings* findings) {
  for (int i = 0; i < words.size(); ++i) {
    if (!HasLetterOrDigit(words.Get(i))) {
      findings->AddAt(list, i, "", "has no letter, digit or Chinese character");
    }
  }
  CheckUniqueTexts(words, list, findings);
}

}  // namespace

void CheckSynonymSet(const v1::SynonymSet& set, RuleFindings* findings) {
  CheckWords(set.words(), "words", findings);
  CheckWords(set.targets(), "targets", findings);
  if (set.words_size() == 1 && set.targets().empty()) {
    findings->Add("words", "one word alone has no synonym: give another one, or targets");
  }
  const int in_all = set.words_size() + set.targets_size();
  if (in_all > kMaxWordsInAll) {
    findings->Add("words", StrCat("words and targets are ", in_all, " in all; at most ",
                                  kMaxWordsInAll, " are allowed"));
  }
}

}  // namespace tandem::model
