// SPDX-License-Identifier: Apache-2.0

#include "cli/context_commands.h"

#include <algorithm>

#include "cli/context_file.h"
#include "cli/json_writer.h"
#include "cli/text_table.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct NoOptions {};

struct NameOptions {
  std::string name;
};

void PrintDocument(const Output& output, const nlohmann::ordered_json& document) {
  if (output.format == OutputFormat::kJson) {
    output.out << JsonText(document) << '\n';
  } else {
    output.out << YamlText(document);
  }
}

void PrintTable(const Output& output, std::vector<TableColumn> columns,
                std::vector<std::vector<std::string>> rows) {
  TextTable table(std::move(columns));
  if (!output.headers) table.OmitHeader();
  for (auto& row : rows) table.AddRow(std::move(row));
  table.Flush(output.out, output.colour);
}

absl::StatusOr<ExitCode> RunList(Session& session, const NoOptions&) {
  ASSIGN_OR_RETURN(const ContextFile file, ReadContextFile(ContextFilePath()));
  const Output output = session.output();
  nlohmann::ordered_json document = {{"contexts", nlohmann::ordered_json::array()}};
  std::vector<std::vector<std::string>> rows;
  for (const Context& each : file.contexts) {
    const bool current = each.name == file.current;
    if (output.format == OutputFormat::kName) output.out << each.name << '\n';
    document["contexts"].push_back({{"name", each.name},
                                    {"current", current},
                                    {"server", each.server},
                                    {"adminSocket", each.admin_socket},
                                    {"timeout", each.timeout},
                                    {"output", each.output}});
    rows.push_back(
        {current ? "*" : "", each.name, each.server, each.admin_socket, each.timeout, each.output});
  }
  if (output.format == OutputFormat::kName) return ExitCode::kDone;
  if (output.format != OutputFormat::kTable) {
    PrintDocument(output, document);
    return ExitCode::kDone;
  }
  PrintTable(output,
             {{"CURRENT 当前"},
              {"NAME 名称"},
              {"SERVER 服务器"},
              {"ADMIN SOCKET 管理套接字"},
              {"TIMEOUT 时限"},
              {"OUTPUT 输出"}},
             std::move(rows));
  if (file.contexts.empty() && !session.quiet()) {
    session.err() << "no context yet: tandem context set NAME --server HOST:PORT\n";
  }
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunUse(Session& session, const NameOptions& options) {
  ASSIGN_OR_RETURN(ContextFile file, ReadContextFile(ContextFilePath()));
  if (file.Find(options.name) == nullptr) return NoSuchContext(file, options.name);
  file.current = options.name;
  RETURN_IF_ERROR(WriteContextFile(ContextFilePath(), file));
  session.output().out << "context " << options.name << " in use\n";
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunSet(Session& session, const Context& given) {
  ASSIGN_OR_RETURN(ContextFile file, ReadContextFile(ContextFilePath()));
  const bool is_new = file.Find(given.name) == nullptr;
  if (is_new) file.contexts.push_back({given.name, "", "", "", ""});
  Context* const context = file.Find(given.name);
  for (std::string Context::*member :
       {&Context::server, &Context::admin_socket, &Context::timeout, &Context::output}) {
    if (!(given.*member).empty()) context->*member = given.*member;
  }
  if (const std::string wrong = WrongContext(*context); !wrong.empty()) return UsageError(wrong);
  // The first one is meant to be used.
  if (is_new && file.contexts.size() == 1) file.current = given.name;
  RETURN_IF_ERROR(WriteContextFile(ContextFilePath(), file));
  session.output().out << "context " << given.name << (is_new ? " created" : " changed")
                       << (file.current == given.name ? ", in use\n" : "\n");
  return ExitCode::kDone;
}

absl::StatusOr<ExitCode> RunDelete(Session& session, const NameOptions& options) {
  ASSIGN_OR_RETURN(ContextFile file, ReadContextFile(ContextFilePath()));
  if (file.Find(options.name) == nullptr) return NoSuchContext(file, options.name);
  file.contexts.erase(
      std::remove_if(file.contexts.begin(), file.contexts.end(),
                     [&](const Context& each) { return each.name == options.name; }),
      file.contexts.end());
  const bool was_current = file.current == options.name;
  if (was_current) file.current.clear();
  RETURN_IF_ERROR(WriteContextFile(ContextFilePath(), file));
  session.output().out << "context " << options.name << " deleted"
                       << (was_current ? "; none is in use now\n" : "\n");
  return ExitCode::kDone;
}

// What the next command would use, and why.
absl::StatusOr<ExitCode> RunShow(Session& session, const NoOptions&) {
  RETURN_IF_ERROR(session.context_status());
  const GlobalOptions& options = session.options();
  auto origin = [&options](const char* flag) {
    const auto found = options.origins.find(flag);
    return found == options.origins.end() ? std::string("default") : found->second;
  };
  const std::vector<std::vector<std::string>> rows = {
      {"context", options.context.empty() ? "(none)" : options.context, ""},
      {"server", options.server, origin("--server")},
      {"admin_socket", options.admin_socket, origin("--admin-socket")},
      {"timeout", options.timeout, origin("--timeout")},
      {"output", options.output, origin("--output")},
      {"file", ContextFilePath(), ""}};
  const Output output = session.output();
  if (output.format == OutputFormat::kJson || output.format == OutputFormat::kYaml) {
    nlohmann::ordered_json document;
    for (const auto& row : rows) {
      document[row[0]] = {{"value", row[1]}, {"from", row[2]}};
    }
    PrintDocument(output, document);
  } else {
    PrintTable(output, {{"OPTION 选项"}, {"VALUE 值"}, {"FROM 来自"}}, rows);
  }
  return ExitCode::kDone;
}

void AddName(CLI::App* app, NameOptions* options) {
  app->add_option("CONTEXT", options->name, "The context's name")->required();
}

}  // namespace

void AddContextCommands(CLI::App* root, Action* chosen) {
  CLI::App* context = root->add_subcommand("context", "上下文 named servers, kept in a file");
  context->alias("contexts");
  context->require_subcommand(1);
  context->footer(
      "A value comes from its flag, else from the environment (TANDEM_SERVER, "
      "TANDEM_ADMIN_SOCKET), else from the\ncontext (--context, TANDEM_CONTEXT, or the one in "
      "use), else it is the default. The file lies at\n$XDG_CONFIG_HOME/tandem/config.yaml or "
      "~/.config/tandem/config.yaml, readable by its owner only.");
  AddCommand<NoOptions>(
      context, chosen, "list", "List the contexts", [](CLI::App*, NoOptions*) {}, RunList);
  AddCommand<NoOptions>(
      context, chosen, "show", "Show what the next command would use, and why",
      [](CLI::App*, NoOptions*) {}, RunShow);
  AddCommand<NameOptions>(context, chosen, "use", "Make a context the current one", AddName,
                          RunUse);
  AddCommand<Context>(
      context, chosen, "set", "Create or change a context",
      [](CLI::App* app, Context* options) {
        app->add_option("CONTEXT", options->name, "The context's name")->required();
        app->add_option("--server", options->server, "Address of the server, HOST:PORT");
        app->add_option("--admin-socket", options->admin_socket,
                        "Path of the server's admin socket");
        app->add_option("--timeout", options->timeout, "Longest time of a call, for example 30s");
        app->add_option("-o,--output", options->output, "table, wide, json, yaml, name");
      },
      RunSet);
  AddCommand<NameOptions>(context, chosen, "delete", "Forget a context", AddName, RunDelete);
}

}  // namespace tandem::cli
