// SPDX-License-Identifier: Apache-2.0

#include "cli/command_line.h"

#include <algorithm>

#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "fmt/format.h"

#include "cli/change_commands.h"
#include "cli/conflict_commands.h"
#include "cli/error_printer.h"
#include "cli/export_command.h"
#include "cli/hsds/hsds_command.h"
#include "cli/identity_commands.h"
#include "cli/match_commands.h"
#include "cli/merge_file_command.h"
#include "cli/nearest_word.h"
#include "cli/pairing_commands.h"
#include "cli/plugin_commands.h"
#include "cli/record_commands.h"
#include "cli/region_compare_command.h"
#include "cli/region_index_command.h"
#include "cli/round_commands.h"
#include "cli/search_command.h"
#include "cli/sync_command.h"
#include "cli/unit_commands.h"

namespace tandem::cli {
namespace {

constexpr char kFooter[] = R"(
Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 denied · 5 unavailable · 6 timed out ·
            7 an import or log stored some records and refused others · 130 stopped by Ctrl-C
Environment: TANDEM_SERVER, TANDEM_ADMIN_SOCKET, NO_COLOR)";

struct NoOptions {};

void AddGlobalFlags(CLI::App* app, GlobalOptions* options) {
  app->add_option("--server", options->server, "Address of the server, HOST:PORT")
      ->envname("TANDEM_SERVER")
      ->capture_default_str();
  app->add_option("--admin-socket", options->admin_socket, "Path of the server's admin socket")
      ->envname("TANDEM_ADMIN_SOCKET");
  app->add_option("--timeout", options->timeout,
                  "Longest time of a call, of an import the longest pause, for example 30s")
      ->check([](const std::string& text) {
        return ParseTimeout(text) ? std::string() : text + " is no time; write 30s, 500ms or 2m";
      })
      ->capture_default_str();
  app->add_option("-o,--output", options->output, "table, json, yaml or name")
      ->check(CLI::IsMember({"table", "json", "yaml", "name"}))
      ->capture_default_str();
  app->add_flag("--no-color", options->no_color, "No colours");
  app->add_flag("-q,--quiet", options->quiet, "No progress and no notes");
}

void AddNoun(CLI::App* root, Action* chosen, const Noun& noun) {
  CLI::App* app = root->add_subcommand(noun.word, fmt::format("{} {}", noun.chinese, noun.plural));
  if (noun.plural != noun.word) app->alias(noun.plural);
  app->require_subcommand(1);
  AddGetCommand(app, chosen, noun);
  AddListCommand(app, chosen, noun);
  // What only the server writes is read here.
  if (noun.Method("Create") != nullptr) {
    AddCreateCommand(app, chosen, noun);
    AddUpdateCommand(app, chosen, noun);
    AddDeleteCommand(app, chosen, noun);
    AddUndeleteCommand(app, chosen, noun);
    AddImportCommand(app, chosen, noun);
  }
  if (noun.word == "agency") AddIdentityCommands(app, chosen);
  if (noun.word == "conflict") AddConflictCommands(app, chosen);
  if (noun.word == "round") AddRoundCommands(app, chosen);
  if (noun.word == "pairing") {
    AddPairingCommands(app, chosen);
    AddActivityLogCommand(app, chosen);
  }
  if (noun.Method("Resolve") != nullptr) AddUnitCommands(app, chosen, noun);
  if (noun.word == "region") {
    AddRegionIndexCommand(app, chosen);
    AddRegionCompareCommand(app, chosen);
  }
}

void AddVersionCommand(CLI::App* root, Action* chosen) {
  AddCommand<NoOptions>(
      root, chosen, "version", "Print the version", [](CLI::App*, NoOptions*) {},
      [](Session& session, const NoOptions&) -> absl::StatusOr<ExitCode> {
        const Output output = session.output();
        if (output.format == OutputFormat::kJson) {
          output.out << "{\"version\": \"" TANDEM_VERSION "\"}\n";
        } else {
          output.out << "tandem " TANDEM_VERSION "\n";
        }
        return ExitCode::kDone;
      });
}

// The words one may write after `app`.
std::vector<std::string> KnownWords(const CLI::App& app, bool flags) {
  std::vector<std::string> words;
  if (!flags) {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      words.push_back(sub->get_name());
      for (const std::string& alias : sub->get_aliases()) words.push_back(alias);
    }
    return words;
  }
  for (const CLI::App* at = &app; at != nullptr; at = at->get_parent()) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    }
  }
  return words;
}

// Walks the arguments down the tree to the first word that it does not know, and says what was
// probably meant; empty when every word is known.
std::string UnknownWord(const CLI::App& root, const std::vector<std::string>& arguments) {
  const CLI::App* app = &root;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word.rfind("--", 0) == 0 && word.size() > 2) {
      const std::string flag = word.substr(0, word.find('='));
      const std::vector<std::string> known = KnownWords(*app, true);
      if (std::find(known.begin(), known.end(), flag) == known.end()) {
        return fmt::format("unknown option {}{}", flag, DidYouMean(flag, known));
      }
      const CLI::App* owner = app;
      const CLI::Option* option = nullptr;
      while (option == nullptr && owner != nullptr) {
        option = owner->get_option_no_throw(flag);
        owner = owner->get_parent();
      }
      const bool takes_value = option != nullptr && option->get_items_expected_max() > 0;
      if (takes_value && word.find('=') == std::string::npos) ++i;
      continue;
    }
    if (word == "-o" || word == "-f") {
      ++i;
      continue;
    }
    const std::vector<std::string> known = KnownWords(*app, false);
    if (known.empty() || word.empty() || word[0] == '-') continue;
    if (std::find(known.begin(), known.end(), word) == known.end()) {
      return fmt::format("unknown command {}{}", word, DidYouMean(word, known));
    }
    app = app->get_subcommand(word);
  }
  return "";
}

// The command that the arguments lead to, for "see … --help".
std::string CommandPath(const CLI::App& root) {
  std::string path = root.get_name();
  const CLI::App* app = &root;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    path += " " + app->get_name();
  }
  return path;
}

}  // namespace

ExitCode RunCommandLine(const std::vector<std::string>& arguments, Streams streams) {
  GlobalOptions options;
  Action chosen;
  CLI::App root("Tandem 结对: a directory of social-service agencies and its matching engine",
                "tandem");
  root.footer(kFooter);
  root.require_subcommand(1);
  root.fallthrough();
  AddGlobalFlags(&root, &options);
  for (const Noun& noun : AllNouns()) AddNoun(&root, &chosen, noun);
  AddSearchCommands(&root, &chosen);
  AddMergeFileCommand(&root, &chosen);
  AddWatchCommand(&root, &chosen);
  AddMirrorCommand(&root, &chosen);
  AddSyncCommand(&root, &chosen);
  AddExportCommand(&root, &chosen);
  AddHsdsCommands(&root, &chosen);
  AddMatchCommands(&root, &chosen);
  AddPluginCommands(&root, &chosen);
  AddVersionCommand(&root, &chosen);

  // CLI11 reports by exceptions; they end here.
  try {
    root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    const CLI::App* app = &root;
    while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
    streams.out << app->help();
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    const std::string unknown = UnknownWord(root, arguments);
    streams.err << "tandem: " << (unknown.empty() ? error.what() : unknown) << "\n  see "
                << CommandPath(root) << " --help\n";
    return ExitCode::kUsage;
  }
  Session session(options, streams);
  absl::StatusOr<ExitCode> outcome = chosen(session);
  streams.out.flush();
  if (!outcome.ok()) {
    PrintError(streams.err, outcome.status(), options.server, session.colour_errors());
    return IsUsageError(outcome.status()) ? ExitCode::kUsage : ExitCodeFor(outcome.status().code());
  }
  if (!streams.out) {
    streams.err << "tandem: the output could not be written\n";
    return ExitCode::kFailed;
  }
  return *outcome;
}

}  // namespace tandem::cli
