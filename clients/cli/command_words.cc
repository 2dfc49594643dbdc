// SPDX-License-Identifier: Apache-2.0

#include "cli/command_words.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "fmt/format.h"

#include "cli/nearest_word.h"
#include "cli/noun.h"

namespace tandem::cli {
namespace {

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool IsOption(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

// The command `word` below `app`; nullptr when there is none.
const CLI::App* FindCommand(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (sub->check_name(word)) return sub;
  }
  return nullptr;
}

// The top commands whose own commands are verbs on records.
std::vector<const CLI::App*> NounApps(const CLI::App& root) {
  std::vector<const CLI::App*> apps;
  for (const CLI::App* sub : root.get_subcommands([](const CLI::App*) { return true; })) {
    if (FindCommand(*sub, "list") != nullptr) apps.push_back(sub);
  }
  return apps;
}

// The noun a person means by `word`: "agency", "agencies", "serviceCategories" or "agency/x".
const CLI::App* FindNounApp(const CLI::App& root, const std::string& word) {
  const std::string stem = word.substr(0, word.find('/'));
  const Noun* noun = NounOfName(word);
  if (noun == nullptr) noun = NounFor(stem);
  for (const CLI::App* app : NounApps(root)) {
    if (app->check_name(noun == nullptr ? stem : noun->word)) return app;
  }
  return nullptr;
}

std::vector<std::string> VerbWords(const CLI::App& root) {
  std::set<std::string> words;
  for (const CLI::App* app : NounApps(root)) {
    for (const std::string& word : CommandWords(*app)) words.insert(word);
  }
  return {words.begin(), words.end()};
}

// Where the words that are no options and no values of options stand in `arguments`. The options
// are looked up at every app of `apps`.
std::vector<size_t> WordPlaces(const std::vector<std::string>& arguments,
                               const std::vector<const CLI::App*>& apps) {
  std::vector<size_t> places;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") break;
    if (!IsOption(arguments[i])) {
      places.push_back(i);
      continue;
    }
    if (arguments[i].find('=') != std::string::npos) continue;
    for (const CLI::App* app : apps) {
      const CLI::Option* option = FindOption(*app, arguments[i]);
      if (option == nullptr) continue;
      if (TakesValue(*option)) ++i;
      break;
    }
  }
  return places;
}

// Every app that may own an option of a command line that begins with `verb`.
std::vector<const CLI::App*> AppsOfVerb(const CLI::App& root, const std::string& verb) {
  std::vector<const CLI::App*> apps = {&root};
  for (const CLI::App* noun : NounApps(root)) {
    for (const std::string& word : {verb, std::string("list")}) {
      if (const CLI::App* app = FindCommand(*noun, word)) apps.push_back(app);
    }
  }
  return apps;
}

// What is wrong with `VERB NOUN …`; nullopt when the first word is no verb.
std::optional<std::string> WrongNoun(const CLI::App& root, const std::string& verb,
                                     const std::vector<std::string>& arguments) {
  if (!Contains(VerbWords(root), verb)) return std::nullopt;
  const std::vector<size_t> places = WordPlaces(arguments, AppsOfVerb(root, verb));
  if (places.size() < 2) return fmt::format("{} what? write tandem NOUN {} …", verb, verb);
  const std::string& word = arguments[places[1]];
  if (const CLI::App* noun = FindNounApp(root, word)) {
    return fmt::format("{} has no {}; it has {}", noun->get_name(), verb,
                       absl::StrJoin(CommandWords(*noun), ", "));
  }
  std::vector<std::string> nouns = NounWords();
  for (const CLI::App* app : NounApps(root)) nouns.push_back(app->get_name());
  const std::string stem = word.substr(0, word.find('/'));
  return fmt::format("{}: no kind of record is called {}{}", verb, stem, DidYouMean(stem, nouns));
}

}  // namespace

std::string WithNearestChoice(const std::string& message) {
  constexpr char kNotIn[] = " not in {";
  const size_t at = message.find(kNotIn);
  const size_t close = message.rfind('}');
  if (at == std::string::npos || close == std::string::npos) return message;
  const size_t begin = message.rfind(' ', at - 1);
  const std::string word = message.substr(begin + 1, at - begin - 1);
  const size_t open = at + sizeof(kNotIn) - 1;
  return message + DidYouMean(word, absl::StrSplit(message.substr(open, close - open), ','));
}

std::vector<std::string> CommandWords(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    words.push_back(sub->get_name());
    for (const std::string& alias : sub->get_aliases()) words.push_back(alias);
  }
  return words;
}

std::vector<std::string> OptionWords(const CLI::App& app) {
  std::vector<std::string> words;
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (!Contains(words, "--" + name)) words.push_back("--" + name);
      }
    }
  }
  return words;
}

const CLI::Option* FindOption(const CLI::App& app, const std::string& written) {
  const std::string name = written.substr(0, written.find('='));
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    if (const CLI::Option* option = at->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

bool TakesValue(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

std::vector<std::string> NounFirst(const CLI::App& root, std::vector<std::string> arguments) {
  std::vector<size_t> places = WordPlaces(arguments, {&root});
  if (places.empty()) return arguments;
  const size_t first = places[0];
  const std::string verb = arguments[first];
  if (verb == "help") {
    arguments.erase(arguments.begin() + static_cast<ptrdiff_t>(first));
    arguments.push_back("--help");
    return NounFirst(root, std::move(arguments));
  }
  if (FindCommand(root, verb) != nullptr) return arguments;
  places = WordPlaces(arguments, AppsOfVerb(root, verb));
  if (places.size() < 2) return arguments;
  const size_t second = places[1];
  const std::string written = arguments[second];
  const CLI::App* noun = FindNounApp(root, written);
  if (noun == nullptr || FindCommand(*noun, verb) == nullptr) return arguments;
  const bool names_one = written.find('/') != std::string::npos;
  const bool wants_list = verb == "get" && !names_one && places.size() == 2 &&
                          !Contains(arguments, "--help") && !Contains(arguments, "-h");
  // What stood between the two belongs behind both: an option of the verb is none of the noun.
  std::vector<std::string> ordered = {noun->get_name(), wants_list ? "list" : verb};
  if (names_one) ordered.push_back(written);
  arguments.erase(arguments.begin() + static_cast<ptrdiff_t>(second));
  arguments.erase(arguments.begin() + static_cast<ptrdiff_t>(first));
  arguments.insert(arguments.begin() + static_cast<ptrdiff_t>(first), ordered.begin(),
                   ordered.end());
  return arguments;
}

std::string UnknownWord(const CLI::App& root, const std::vector<std::string>& arguments) {
  const CLI::App* app = &root;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") break;
    if (IsOption(word)) {
      const CLI::Option* option = FindOption(*app, word);
      if (option == nullptr && word.rfind("--", 0) == 0) {
        const std::string flag = word.substr(0, word.find('='));
        return fmt::format("unknown option {}{}", flag, DidYouMean(flag, OptionWords(*app)));
      }
      const bool has_value = word.find('=') != std::string::npos;
      if (option != nullptr && TakesValue(*option) && !has_value) ++i;
      continue;
    }
    const std::vector<std::string> known = CommandWords(*app);
    if (known.empty() || word.empty()) continue;
    const CLI::App* next = FindCommand(*app, word);
    if (next == nullptr) {
      std::vector<std::string> meant = known;
      if (app == &root) {
        if (auto wrong = WrongNoun(root, word, arguments)) return *wrong;
        for (const std::string& verb : VerbWords(root)) meant.push_back(verb);
      }
      return fmt::format("unknown command {}{}", word, DidYouMean(word, meant));
    }
    app = next;
  }
  return "";
}

}  // namespace tandem::cli
