// SPDX-License-Identifier: Apache-2.0

#include "cli/completion_command.h"

#include "absl/strings/str_join.h"
#include "fmt/format.h"

#include "cli/cell_text.h"
#include "cli/completion.h"
#include "cli/completion_script.h"
#include "cli/context_file.h"
#include "cli/display_width.h"
#include "cli/global_flags.h"
#include "cli/nearest_word.h"
#include "cli/noun.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "tandem/v1/match_service.pb.h"
#include "tandem/v1/plugin_service.pb.h"

namespace tandem::cli {
namespace {

// More than a screen of names helps nobody.
constexpr int kMostNames = 100;
constexpr char kTimeout[] = "500ms";

struct CompletionOptions {
  std::string shell;
};

// The list method, its collection and whether it is the admin socket's.
struct NameSource {
  const google::protobuf::MethodDescriptor* method = nullptr;
  std::string collection;
  bool admin = false;
};

NameSource SourceOf(const std::string& word) {
  if (word == "match") {
    const auto* service = v1::ListMatchRunsRequest::descriptor()->file()->service(0);
    return {service->FindMethodByName("ListMatchRuns"), "matchRuns", false};
  }
  if (word == "plugin") {
    const auto* service = v1::ListPluginsRequest::descriptor()->file()->service(0);
    return {service->FindMethodByName("ListPlugins"), "plugins", true};
  }
  const Noun* noun = NounFor(word);
  if (noun == nullptr) return {};
  return {noun->Method("List"), noun->Collection(), false};
}

// Names of records: ids when `prefix` has no slash, else full names.
std::vector<Candidate> RecordNames(const Session& session, const std::string& word,
                                   const std::string& prefix) {
  const NameSource source = SourceOf(word);
  if (source.method == nullptr) return {};
  const size_t slash = prefix.find('/');
  const bool full = slash != std::string::npos;
  const std::string id = full ? prefix.substr(slash + 1) : prefix;
  // What the filter language would read as more than text has no place in a name.
  if (id.find_first_of("\"\\*") != std::string::npos) return {};
  auto request = NewMessage(source.method->input_type());
  auto page = NewMessage(source.method->output_type());
  if (!source.admin && !id.empty()) {
    client::SetTextField(request.get(), "filter",
                         fmt::format("name = \"{}/{}*\"", source.collection, id));
  }
  SetInt32(request.get(), "page_size", kMostNames);
  const client::Client client = source.admin ? session.HastyAdmin() : session.Hasty();
  if (!client.Call(*source.method, *request, page.get()).ok()) return {};
  std::vector<Candidate> names;
  const auto* reflection = page->GetReflection();
  for (int f = 0; f < page->GetDescriptor()->field_count(); ++f) {
    const auto* field = page->GetDescriptor()->field(f);
    if (!field->is_repeated() || field->message_type() == nullptr) continue;
    for (int i = 0; i < reflection->FieldSize(*page, field); ++i) {
      const auto& record = reflection->GetRepeatedMessage(*page, field, i);
      const std::string name = client::TextField(record, "name");
      // "agency/x" may be written for "agencies/x"; it is completed as it was begun.
      names.push_back({full ? prefix.substr(0, slash + 1) + LastPart(name) : LastPart(name),
                       client::TextField(record, "display_name")});
    }
  }
  return names;
}

std::vector<Candidate> ContextNames() {
  const auto file = ReadContextFile(ContextFilePath());
  if (!file.ok()) return {};
  std::vector<Candidate> names;
  for (const Context& context : file->contexts) names.push_back({context.name, context.server});
  return names;
}

// The options that the words on the line, the environment and the context set.
GlobalOptions OptionsOf(const std::vector<std::string>& words) {
  GlobalOptions options;
  CLI::App flags;
  flags.allow_extras();
  AddGlobalFlags(&flags, &options);
  try {
    flags.parse(std::vector<std::string>(words.rbegin(), words.rend()));
  } catch (const CLI::Error&) {
    // A line that is still being written need not be right.
  }
  (void)TakeContext(flags, &options);
  options.timeout = kTimeout;
  return options;
}

absl::StatusOr<ExitCode> RunCompletion(Session& session, const CompletionOptions& options) {
  session.output().out << CompletionScript(options.shell);
  return ExitCode::kDone;
}

}  // namespace

ExitCode RunComplete(const CLI::App& root, const std::vector<std::string>& broken,
                     Streams streams) {
  const std::vector<std::string> words = JoinBrokenWords(broken);
  const Session session(OptionsOf(words), streams);
  const Completion completion =
      Complete(root, words, [&session](const std::string& noun, const std::string& prefix) {
        return noun == "context" ? ContextNames() : RecordNames(session, noun, prefix);
      });
  for (const Candidate& candidate : completion.candidates) {
    constexpr size_t kMostDescribed = 70;
    const std::string description = CutToWidth(OneLine(candidate.description), kMostDescribed);
    streams.out << OneLine(candidate.word) << '\t' << description << '\n';
  }
  if (completion.files) streams.out << ":files\n";
  return ExitCode::kDone;
}

void AddCompletionCommand(CLI::App* root, Action* chosen) {
  AddCommand<CompletionOptions>(
      root, chosen, "completion", "Print the script that completes words in a shell",
      [](CLI::App* app, CompletionOptions* options) {
        app->add_option("SHELL", options->shell, "bash, zsh or fish")
            ->required()
            ->check(CLI::IsMember(CompletionShells()));
        app->footer(
            "bash: source <(tandem completion bash) in ~/.bashrc\n"
            "zsh:  source <(tandem completion zsh) in ~/.zshrc, after compinit\n"
            "fish: tandem completion fish > ~/.config/fish/completions/tandem.fish\n"
            "Names of records come from the server, for which the shell waits half a second at "
            "most.");
      },
      RunCompletion);
}

}  // namespace tandem::cli
