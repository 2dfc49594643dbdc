// SPDX-License-Identifier: Apache-2.0

#include "cli/plugin_commands.h"

#include <vector>

#include "tandem/v1/plugin_service.pb.h"

#include "cli/noun.h"
#include "cli/record_printer.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ListOptions {};

struct NamedOptions {
  std::vector<std::string> names;
  std::string version;
};

const std::vector<NounColumn>& Columns() {
  static const auto* const kColumns = new std::vector<NounColumn>{
      {"NAME", "name"},
      {"VERSION 版本", "version"},
      {"STATE 状态", "state"},
      {"STAGES 阶段", "stages"},
      {"GENERATION 代", "generation", true},
      {"PID", "process_id", true},
      {"CALLS 调用", "call_count", true},
      {"CRASHES 崩溃", "crash_count", true},
      {"SIGNER 签名", "signer"},
  };
  return *kColumns;
}

std::string FullName(const std::string& written) {
  return written.find('/') == std::string::npos ? "plugins/" + written : written;
}

absl::StatusOr<ExitCode> RunList(Session& session, const ListOptions&) {
  ASSIGN_OR_RETURN(const client::Client* admin, session.Admin());
  const auto* service = v1::ListPluginsRequest::descriptor()->file()->service(0);
  const auto* method = service->FindMethodByName("ListPlugins");
  v1::ListPluginsRequest request;
  request.set_page_size(1000);
  v1::ListPluginsResponse page;
  client::Pager pages(*admin, *method, request);
  ListPrinter list(session.output(), "plugins", Columns());
  for (;;) {
    ASSIGN_OR_RETURN(bool more, pages.Next(&page));
    if (!more) break;
    for (const v1::Plugin& plugin : page.plugins()) RETURN_IF_ERROR(list.Add(plugin));
  }
  list.End("", page.revision());
  return ExitCode::kDone;
}

// Calls `method` for every name. One plugin is printed by itself, several as a list.
template <typename Request>
absl::StatusOr<ExitCode> RunVerb(Session& session, const NamedOptions& options,
                                 const std::string& method, bool describe) {
  ASSIGN_OR_RETURN(const client::Client* admin, session.Admin());
  ListPrinter list(session.output(), "plugins", Columns());
  const bool several = options.names.size() > 1;
  for (const std::string& name : options.names) {
    Request request;
    request.set_name(FullName(name));
    if constexpr (std::is_same_v<Request, v1::LoadPluginRequest>) {
      request.set_version(options.version);
    }
    v1::Plugin plugin;
    absl::Status status = admin->Call("tandem.v1.PluginService." + method, request, &plugin);
    const bool document = session.output().format == OutputFormat::kJson ||
                          session.output().format == OutputFormat::kYaml;
    if (status.ok()) {
      status = !several && (document || describe) ? PrintAnswer(session.output(), plugin)
                                                  : list.Add(plugin);
    }
    if (!status.ok()) {
      if (several) list.End("", 0);
      return status;
    }
    if (!several && (document || describe)) return ExitCode::kDone;
  }
  list.End("", 0);
  return ExitCode::kDone;
}

template <typename Request>
void AddVerb(CLI::App* plugin, Action* chosen, const std::string& word,
             const std::string& description, const std::string& method) {
  AddCommand<NamedOptions>(
      plugin, chosen, word, description,
      [](CLI::App* app, NamedOptions* options) {
        app->add_option("NAME", options->names, "plugins/{id}, or the id alone")->required();
        if constexpr (std::is_same_v<Request, v1::LoadPluginRequest>) {
          app->add_option("--plugin-version", options->version,
                          "Version to load (default: the newest)");
        }
      },
      [method, describe = word == "describe"](Session& session, const NamedOptions& options) {
        return RunVerb<Request>(session, options, method, describe);
      });
}

}  // namespace

void AddPluginCommands(CLI::App* root, Action* chosen) {
  CLI::App* plugin = root->add_subcommand("plugin", "插件 plugins (admin socket)");
  plugin->alias("plugins");
  plugin->require_subcommand(1);
  AddCommand<ListOptions>(
      plugin, chosen, "list", "List every bundle and what runs of it",
      [](CLI::App*, ListOptions*) {}, RunList);
  AddVerb<v1::DescribePluginRequest>(plugin, chosen, "describe", "Print everything about plugins",
                                     "DescribePlugin");
  AddVerb<v1::LoadPluginRequest>(plugin, chosen, "load", "Start plugins in processes of their own",
                                 "LoadPlugin");
  AddVerb<v1::EnablePluginRequest>(plugin, chosen, "enable", "Let runs use loaded plugins",
                                   "EnablePlugin");
  AddVerb<v1::DisablePluginRequest>(plugin, chosen, "disable", "Take plugins out of new runs",
                                    "DisablePlugin");
  AddVerb<v1::UnloadPluginRequest>(plugin, chosen, "unload",
                                   "End the processes of disabled plugins", "UnloadPlugin");
}

}  // namespace tandem::cli
