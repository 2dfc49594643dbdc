// SPDX-License-Identifier: Apache-2.0

#include "cli/command_line.h"

#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "fmt/format.h"

#include "cli/apply_command.h"
#include "cli/call_command.h"
#include "cli/change_commands.h"
#include "cli/command_words.h"
#include "cli/completion_command.h"
#include "cli/conflict_commands.h"
#include "cli/context_commands.h"
#include "cli/error_printer.h"
#include "cli/explain_command.h"
#include "cli/export_command.h"
#include "cli/global_flags.h"
#include "cli/hsds/hsds_command.h"
#include "cli/identity_commands.h"
#include "cli/man_command.h"
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
Commands are written NOUN VERB; VERB NOUN does the same: `tandem describe agency x`, `tandem get agencies`,
`tandem delete offers/x`.
Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 denied · 5 unavailable · 6 timed out ·
            7 an import, apply or log stored some records and refused others · 8 diff could not compare ·
            130 stopped by Ctrl-C
Environment: TANDEM_CONTEXT, TANDEM_SERVER, TANDEM_ADMIN_SOCKET, NO_COLOR)";

constexpr char kDescription[] =
    "Tandem 结对: a directory of social-service agencies and its matching engine";

struct NoOptions {};

void AddNoun(CLI::App* root, Action* chosen, const Noun& noun) {
  CLI::App* app = root->add_subcommand(noun.word, fmt::format("{} {}", noun.chinese, noun.plural));
  if (noun.plural != noun.word) app->alias(noun.plural);
  app->require_subcommand(1);
  AddGetCommand(app, chosen, noun);
  AddListCommand(app, chosen, noun);
  AddDescribeCommand(app, chosen, noun);
  // What only the server writes is read here.
  if (noun.Method("Create") != nullptr) {
    AddCreateCommand(app, chosen, noun);
    AddUpdateCommand(app, chosen, noun);
    AddEditCommand(app, chosen, noun);
    AddDeleteCommand(app, chosen, noun);
    AddUndeleteCommand(app, chosen, noun);
    AddImportCommand(app, chosen, noun);
  }
  AddHistoryCommand(app, chosen, noun);
  if (noun.word == "agency") AddIdentityCommands(app, chosen);
  if (noun.word == "conflict") AddConflictCommands(app, chosen);
  if (noun.word == "round") AddRoundCommands(app, chosen);
  if (noun.word == "pairing") {
    AddPairingCommands(app, chosen);
    AddActivityLogCommand(app, chosen);
  }
  if (noun.word == "region" || noun.word == "category") AddUnitCommands(app, chosen, noun);
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

// Whether the command that was given needs no server, so that a damaged file of contexts, which it
// may be there to mend, does not stop it.
bool WorksWithoutContext(const CLI::App& root) {
  const std::string word = root.get_subcommands().front()->get_name();
  for (const char* free : {"version", "context", "completion"}) {
    if (word == free) return true;
  }
  return false;
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

// Prints the help of the command that the arguments lead to, under its whole name.
void PrintHelp(const CLI::App& root, std::ostream& out) {
  const CLI::App* app = &root;
  std::string above;
  while (!app->get_subcommands().empty()) {
    above += (above.empty() ? "" : " ") + app->get_name();
    app = app->get_subcommands().front();
  }
  out << app->help(above);
}

}  // namespace

void AddAllCommands(CLI::App* root, GlobalOptions* options, Action* chosen) {
  root->require_subcommand(1);
  root->fallthrough();
  AddGlobalFlags(root, options);
  for (const Noun& noun : AllNouns()) AddNoun(root, chosen, noun);
  AddSearchCommands(root, chosen);
  AddMergeFileCommand(root, chosen);
  AddWatchCommand(root, chosen);
  AddMirrorCommand(root, chosen);
  AddSyncCommand(root, chosen);
  AddExportCommand(root, chosen);
  AddHsdsCommands(root, chosen);
  AddMatchCommands(root, chosen);
  AddPluginCommands(root, chosen);
  AddApplyCommand(root, chosen);
  AddDiffCommand(root, chosen);
  AddExplainCommand(root, chosen);
  AddCallCommand(root, chosen);
  AddContextCommands(root, chosen);
  AddWhoamiCommand(root, chosen);
  AddCompletionCommand(root, chosen);
  AddVersionCommand(root, chosen);
  // Last, as a command takes over the footer that its parent has when it is added.
  root->footer(kFooter);
}

ExitCode RunCommandLine(const std::vector<std::string>& arguments, Streams streams) {
  GlobalOptions options;
  Action chosen;
  CLI::App root(kDescription, "tandem");
  AddAllCommands(&root, &options, &chosen);

  // What scripts and the build ask, beside the grammar for people.
  if (!arguments.empty() && arguments[0] == "__complete") {
    return RunComplete(root, {arguments.begin() + 1, arguments.end()}, streams);
  }
  if (arguments.size() == 2 && arguments[0] == "__man") {
    return RunMan(root, arguments[1], streams);
  }
  const std::vector<std::string> ordered = NounFirst(root, arguments);
  // CLI11 reports by exceptions; they end here.
  try {
    root.parse(std::vector<std::string>(ordered.rbegin(), ordered.rend()));
  } catch (const CLI::CallForHelp&) {
    PrintHelp(root, streams.out);
    return ExitCode::kDone;
  } catch (const CLI::ParseError& error) {
    const std::string unknown = UnknownWord(root, ordered);
    streams.err << "tandem: " << (unknown.empty() ? WithNearestChoice(error.what()) : unknown)
                << "\n  see " << CommandPath(root) << " --help\n";
    return ExitCode::kUsage;
  }
  const absl::Status context = TakeContext(root, &options);
  Session session(options, streams, context);
  const bool runs = context.ok() || WorksWithoutContext(root);
  absl::StatusOr<ExitCode> outcome = runs ? chosen(session) : absl::StatusOr<ExitCode>(context);
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
