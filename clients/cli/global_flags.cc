// SPDX-License-Identifier: Apache-2.0

#include "cli/global_flags.h"

#include <cstdlib>

#include "CLI/Config.hpp"
#include "CLI/Formatter.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "cli/context_file.h"
#include "cli/nearest_word.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

// One flag that a context may set.
struct ContextFlag {
  const char* flag;
  const char* environment;
  std::string GlobalOptions::*option;
  std::string Context::*value;
};
constexpr ContextFlag kContextFlags[] = {
    {"--server", "TANDEM_SERVER", &GlobalOptions::server, &Context::server},
    {"--admin-socket", "TANDEM_ADMIN_SOCKET", &GlobalOptions::admin_socket, &Context::admin_socket},
    {"--timeout", "", &GlobalOptions::timeout, &Context::timeout},
    {"--output", "", &GlobalOptions::output, &Context::output},
};

std::string CheckTimeout(const std::string& text) {
  return ParseTimeout(text) ? "" : text + " is no time; write 30s, 500ms or 2m";
}

std::string CheckOutput(const std::string& word) {
  if (FindOutputChoice(word) != nullptr) return "";
  return absl::StrCat(word, " is no form of output", DidYouMean(word, OutputFormatWords()),
                      "; one of ", absl::StrJoin(OutputFormatWords(), ", "));
}

}  // namespace

void AddGlobalFlags(CLI::App* root, GlobalOptions* options) {
  root->add_option("--context", options->context,
                   "The context to use instead of the current one (tandem context --help)")
      ->envname("TANDEM_CONTEXT");
  root->add_option("--server", options->server, "Address of the server, HOST:PORT")
      ->envname("TANDEM_SERVER")
      ->capture_default_str();
  root->add_option("--admin-socket", options->admin_socket, "Path of the server's admin socket")
      ->envname("TANDEM_ADMIN_SOCKET");
  root->add_option("--timeout", options->timeout,
                   "Longest time of a call, of an import the longest pause, for example 30s")
      ->check(CheckTimeout)
      ->capture_default_str();
  root->add_option("-o,--output", options->output, absl::StrJoin(OutputFormatWords(), ", "))
      ->check(CheckOutput)
      ->capture_default_str();
  root->add_option("--columns", options->columns,
                   "Columns of a table of records: field paths, comma-separated")
      ->delimiter(',')
      ->allow_extra_args(false);
  root->add_flag("--no-headers", options->no_headers, "Tables without the names of the columns");
  root->add_flag("--no-color", options->no_color, "No colours");
  root->add_flag("-q,--quiet", options->quiet, "No progress and no notes");
}

absl::Status TakeContext(const CLI::App& root, GlobalOptions* options) {
  for (const ContextFlag& row : kContextFlags) {
    const bool given = root.get_option(row.flag)->count() > 0;
    const char* value = *row.environment == '\0' ? nullptr : std::getenv(row.environment);
    const bool from_environment = given && value != nullptr && options->*row.option == value;
    options->origins[row.flag] = from_environment ? row.environment
                                 : given          ? std::string("flag")
                                                  : "default";
  }
  ASSIGN_OR_RETURN(const ContextFile file, ReadContextFile(ContextFilePath()));
  if (options->context.empty()) options->context = file.current;
  if (options->context.empty()) return absl::OkStatus();
  const Context* context = file.Find(options->context);
  if (context == nullptr) return NoSuchContext(file, options->context);
  for (const ContextFlag& row : kContextFlags) {
    const std::string& value = context->*row.value;
    if (options->origins[row.flag] != "default" || value.empty()) continue;
    options->*row.option = value;
    options->origins[row.flag] = "context " + context->name;
  }
  return absl::OkStatus();
}

}  // namespace tandem::cli
