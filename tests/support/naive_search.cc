// SPDX-License-Identifier: Apache-2.0

#include "support/naive_search.h"

#include <algorithm>
#include <functional>
#include <map>

#include "catalog/text_fold.h"
#include "catalog/text_terms.h"

namespace tandem::testing {
namespace {

using catalog::TermQuery;
using catalog::TextField;
using google::protobuf::Message;
using query::SearchWord;

// The texts at a path, through repeated messages.
void Texts(const Message& message, const std::string& path, std::vector<std::string>* out) {
  const size_t dot = path.find('.');
  const auto* field = message.GetDescriptor()->FindFieldByName(path.substr(0, dot));
  const auto* reflection = message.GetReflection();
  const int size = field->is_repeated() ? reflection->FieldSize(message, field) : 1;
  for (int i = 0; i < size; ++i) {
    if (field->message_type() != nullptr) {
      Texts(reflection->GetRepeatedMessage(message, field, i), path.substr(dot + 1), out);
    } else {
      out->push_back(field->is_repeated() ? reflection->GetRepeatedString(message, field, i)
                                          : reflection->GetString(message, field));
    }
  }
}

// Every term of the record and its closest field.
std::map<std::string, TextField> TermsOf(const Message& record, model::RecordType type) {
  std::map<std::string, TextField> terms;
  for (const catalog::TextSource& source : catalog::TextSourcesOf(type)) {
    std::vector<std::string> texts;
    Texts(record, std::string(source.path), &texts);
    for (const std::string& text : texts) {
      const catalog::PlacedText placed = {source.field, text};
      catalog::TermList list;
      catalog::TermCollector().Collect({&placed, 1}, &list);
      std::string block(catalog::TermBlock::SizeOf(list), '\0');
      catalog::TermBlock::Write(list, block.data());
      catalog::TermBlock(block).ForEachText([&](TextField field, std::string_view term) {
        auto [it, added] = terms.emplace(term, field);
        if (!added) it->second = std::min(it->second, field);
      });
    }
  }
  return terms;
}

}  // namespace

int NaiveLevel(const Message& record, model::RecordType type, const query::SearchText& text,
               bool names_only, bool loose, const std::vector<query::RankedWord>& ranked) {
  const std::map<std::string, TextField> terms = TermsOf(record, type);
  auto has_term = [&](const TermQuery& query, TextField farthest) {
    return std::any_of(terms.begin(), terms.end(), [&](const auto& term) {
      return term.first[0] == query.term[0] && term.second <= farthest && query.Fits(term.first);
    });
  };
  auto has_group = [&](const query::TermGroup& group, TextField farthest) {
    return std::all_of(group.begin(), group.end(),
                       [&](const TermQuery& query) { return has_term(query, farthest); });
  };
  auto has_any = [&](const std::vector<query::TermGroup>& groups, TextField farthest) {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const query::TermGroup& group) { return has_group(group, farthest); });
  };
  std::function<bool(const SearchWord&, TextField, bool)> has;
  auto has_each = [&](const std::vector<SearchWord>& words, TextField farthest, bool whole) {
    return std::all_of(words.begin(), words.end(),
                       [&](const SearchWord& word) { return has(word, farthest, whole); });
  };
  has = [&](const SearchWord& word, TextField farthest, bool whole) {
    if (has_any(word.exact, farthest)) return true;
    if (!word.phrase.empty() && has_each(word.phrase, farthest, whole)) return true;
    if (whole) return false;
    return has_any(word.partial, farthest) || (loose && has_any(word.loose, farthest)) ||
           std::any_of(word.synonyms.begin(), word.synonyms.end(),
                       [&](const auto& synonym) { return has_each(synonym, farthest, false); });
  };
  auto all = [&](TextField farthest, bool whole) {
    return std::all_of(text.words.begin(), text.words.end(),
                       [&](const SearchWord& word) { return has(word, farthest, whole); });
  };
  const TextField farthest = names_only ? TextField::kOtherName : TextField::kBody;
  if (!all(farthest, false)) return -1;
  std::vector<std::string> display;
  Texts(record, "display_name", &display);
  if (display[0] == text.typed || display[0] == text.folded) return 0;
  if (catalog::FoldedUtf8(display[0]).starts_with(text.folded)) return 1;
  if (all(TextField::kDisplayName, true)) return 2;
  if (all(TextField::kDisplayName, false)) return 3;
  // Then by what stands in closer texts: sets of ranked words, the heaviest first.
  std::vector<std::pair<int, int>> sets;
  for (int set = 0; set < 1 << ranked.size(); ++set) {
    int weight = 0;
    for (size_t i = 0; i < ranked.size(); ++i) weight += (set >> i & 1) * ranked[i].weight;
    sets.emplace_back(-weight, set);
  }
  std::sort(sets.begin(), sets.end());
  int level = 4;
  for (const auto& [closer, farther] : {std::pair(TextField::kDisplayName, TextField::kOtherName),
                                        std::pair(TextField::kOtherName, TextField::kBody)}) {
    for (const auto& [weight, set] : sets) {
      bool fits = all(farther, false);
      for (size_t i = 0; i < ranked.size(); ++i) {
        if ((set >> i & 1) == 0) continue;
        fits = fits && has(text.words[static_cast<size_t>(ranked[i].word)], closer, false);
      }
      if (fits) return level;
      ++level;
    }
  }
  return -1;
}

}  // namespace tandem::testing
