// SPDX-License-Identifier: Apache-2.0

#include "cli/completion.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

#include "cli/api_description.h"
#include "cli/command_words.h"
#include "cli/explain_subject.h"
#include "cli/method_finder.h"
#include "cli/noun.h"
#include "cli/output.h"

namespace tandem::cli {
namespace {

// Options and positionals whose value is a path.
constexpr std::string_view kPathOptions[] = {"file", "mapping", "reject",       "checkpoint",
                                             "out",  "loss",    "admin-socket", "rule"};
constexpr std::string_view kPathPositionals[] = {"FILE", "DIR", "PATH"};

bool Contains(absl::Span<const std::string_view> words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// The words of an option's check, which CLI11 writes as "TEXT:{one,other}".
std::vector<std::string> Choices(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t open = type.find('{');
  const size_t close = type.rfind('}');
  if (open == std::string::npos || close == std::string::npos) return {};
  return absl::StrSplit(type.substr(open + 1, close - open - 1), ',');
}

class Completer {
 public:
  Completer(const CLI::App& root, std::string current, const NamesOf& names_of)
      : root_(root), current_(std::move(current)), names_of_(names_of) {}

  Completion Run(const std::vector<std::string>& before) {
    const CLI::App* app = &root_;
    const CLI::Option* open = nullptr;
    bool unknown_word = false;
    size_t positionals = 0;
    for (const std::string& word : before) {
      if (open != nullptr) {
        open = nullptr;
        continue;
      }
      if (word.size() > 1 && word[0] == '-') {
        const CLI::Option* option = FindOption(*app, word);
        const bool has_value = word.find('=') != std::string::npos;
        if (option != nullptr && TakesValue(*option) && !has_value) open = option;
        continue;
      }
      const CLI::App* next = nullptr;
      for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; })) {
        if (sub->check_name(word)) next = sub;
      }
      if (next != nullptr) {
        app = next;
      } else if (CommandWords(*app).empty()) {
        ++positionals;
      } else {
        unknown_word = true;
      }
    }
    if (unknown_word) {
      // A verb before its noun: `describe <TAB>`.
      AddNouns(before.back());
    } else if (open != nullptr) {
      AddValues(*app, *open);
    } else if (!current_.empty() && current_[0] == '-') {
      AddOptions(*app);
    } else if (!CommandWords(*app).empty()) {
      AddCommands(*app);
    } else {
      AddPositional(*app, positionals);
    }
    return std::move(completion_);
  }

 private:
  void Add(const std::string& word, const std::string& description) {
    if (!absl::StartsWith(word, current_) || !seen_.insert(word).second) return;
    completion_.candidates.push_back({word, description});
  }

  void AddNames(const std::string& noun) {
    for (const Candidate& each : names_of_(noun, current_)) Add(each.word, each.description);
  }

  void AddCommands(const CLI::App& app) {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      Add(sub->get_name(), sub->get_description());
    }
    if (&app != &root_ || current_.empty()) return;
    // What people of kubectl write first; not offered unasked.
    for (const char* verb :
         {"get", "list", "describe", "create", "update", "edit", "delete", "undelete", "history"}) {
      Add(verb, absl::StrCat("NOUN ", verb));
    }
  }

  void AddNouns(const std::string& verb) {
    for (const Noun& noun : AllNouns()) {
      for (const CLI::App* sub : root_.get_subcommands([](const CLI::App*) { return true; })) {
        if (!sub->check_name(noun.word)) continue;
        for (const CLI::App* each : sub->get_subcommands([](const CLI::App*) { return true; })) {
          if (each->check_name(verb)) Add(noun.word, noun.chinese);
        }
      }
    }
    const size_t slash = current_.find('/');
    if (slash == std::string::npos) return;
    if (const Noun* noun = NounFor(current_.substr(0, slash))) AddNames(noun->word);
  }

  void AddOptions(const CLI::App& app) {
    for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
      for (const CLI::Option* option : at->get_options()) {
        for (const std::string& name : option->get_lnames()) {
          Add("--" + name, option->get_description());
        }
      }
    }
  }

  void AddValues(const CLI::App& app, const CLI::Option& option) {
    const std::string name = option.get_lnames().empty() ? "" : option.get_lnames().front();
    if (const std::vector<std::string> choices = Choices(option); !choices.empty()) {
      for (const std::string& word : choices) Add(word, "");
    } else if (name == "output") {
      for (const std::string& word : OutputFormatWords()) Add(word, "");
    } else if (name == "context") {
      AddNames("context");
    } else if (name == "in") {
      for (const Noun& noun : AllNouns()) {
        if (noun.Method("Search") != nullptr) Add(noun.plural, noun.chinese);
      }
    } else if (name == "columns" || name == "filter" || name == "order-by") {
      AddFields(app);
    } else if (const Noun* noun = NounFor(name)) {
      AddNames(noun->word);
    } else {
      completion_.files = Contains(kPathOptions, name);
    }
  }

  // Field paths of the noun that `app` belongs to: the last of a comma-separated list.
  void AddFields(const CLI::App& app) {
    const Noun* noun =
        app.get_parent() == nullptr ? nullptr : NounFor(app.get_parent()->get_name());
    if (noun == nullptr) return;
    const size_t comma = current_.rfind(',');
    const std::string before = comma == std::string::npos ? "" : current_.substr(0, comma + 1);
    AddPaths(noun->Record(), before, current_.substr(before.size()));
  }

  // Paths below `type`: `written` goes down as far as it has dots.
  void AddPaths(const google::protobuf::Descriptor* type, std::string before,
                const std::string& written) {
    std::vector<std::string> parts = absl::StrSplit(written, '.');
    parts.pop_back();
    for (const std::string& part : parts) {
      const auto* field = type == nullptr ? nullptr : type->FindFieldByName(part);
      ExplainSubject below;
      below.field = field;
      type = field == nullptr ? nullptr : below.Fields();
      absl::StrAppend(&before, part, ".");
    }
    if (type == nullptr) return;
    for (int i = 0; i < type->field_count(); ++i) {
      Add(before + type->field(i)->name(), CommentOf(*type->field(i)));
    }
  }

  void AddPositional(const CLI::App& app, size_t place) {
    std::vector<const CLI::Option*> positionals;
    for (const CLI::Option* option : app.get_options()) {
      if (option->get_positional()) positionals.push_back(option);
    }
    if (positionals.empty()) return;
    // The last one may take several.
    const CLI::Option& option = *positionals[std::min(place, positionals.size() - 1)];
    const std::string name = option.get_name(true);
    const std::string parent = app.get_parent() == nullptr ? "" : app.get_parent()->get_name();
    if (name == "SUBJECT") {
      AddSubjects();
    } else if (name == "METHOD") {
      AddMethods();
    } else if (name == "CONTEXT") {
      AddNames("context");
    } else if (name == "RUN") {
      AddNames("match");
    } else if (name == "SURVIVOR" || name == "MERGED") {
      AddNames("agency");
    } else if (name == "NAME" || name == "UNIT") {
      AddNames(parent);
    } else if (name == "NOUN" || name == "COLLECTION") {
      for (const Noun& noun : AllNouns()) {
        Add(name == "NOUN" ? noun.word : noun.Collection(), noun.chinese);
      }
    } else if (const std::vector<std::string> choices = Choices(option); !choices.empty()) {
      for (const std::string& word : choices) Add(word, "");
    } else {
      completion_.files = Contains(kPathPositionals, name);
    }
  }

  void AddMethods() {
    for (const auto* service : ApiServices()) {
      for (int i = 0; i < service->method_count(); ++i) {
        Add(ShortMethodName(*service->method(i)), CommentOf(*service->method(i)));
      }
    }
  }

  void AddSubjects() {
    const size_t dot = current_.find('.');
    if (dot == std::string::npos) {
      for (const Noun& noun : AllNouns()) Add(noun.word, noun.chinese);
      return;
    }
    if (const Noun* noun = NounFor(current_.substr(0, dot))) {
      AddPaths(noun->Record(), current_.substr(0, dot + 1), current_.substr(dot + 1));
    }
  }

  const CLI::App& root_;
  const std::string current_;
  const NamesOf& names_of_;
  Completion completion_;
  std::set<std::string> seen_;
};

}  // namespace

std::vector<std::string> JoinBrokenWords(const std::vector<std::string>& words) {
  std::vector<std::string> joined;
  for (size_t i = 0; i < words.size(); ++i) {
    const bool inside = !joined.empty() && i + 1 < words.size();
    if (words[i] == "=" && !joined.empty() && absl::StartsWith(joined.back(), "--")) {
      // The value is a word of its own, as if it had been written after a blank.
      if (!inside) joined.emplace_back();
    } else if (words[i] == ":" && inside) {
      absl::StrAppend(&joined.back(), ":", words[++i]);
    } else {
      joined.push_back(words[i]);
    }
  }
  return joined;
}

Completion Complete(const CLI::App& root, std::vector<std::string> words, const NamesOf& names_of) {
  if (words.empty()) words.emplace_back();
  const std::string current = words.back();
  // With a stand-in for the word to come: `get agency` alone would become `agency list`.
  words.back() = "x";
  words = NounFirst(root, std::move(words));
  words.pop_back();
  return Completer(root, current, names_of).Run(words);
}

}  // namespace tandem::cli
