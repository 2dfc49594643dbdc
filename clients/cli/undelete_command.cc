// SPDX-License-Identifier: Apache-2.0

#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/record_printer.h"
#include "cli/request_fields.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct UndeleteOptions {
  std::string name;
  std::string parent;
  std::string etag;
};

absl::StatusOr<ExitCode> RunUndelete(Session& session, const Noun& noun,
                                     const UndeleteOptions& options) {
  const auto* method = noun.Method("Undelete");
  auto request = NewMessage(method->input_type());
  ASSIGN_OR_RETURN(std::string name, RecordName(noun, options.name, options.parent));
  SetText(request.get(), "name", name);
  SetText(request.get(), "etag", options.etag);
  auto record = NewMessage(method->output_type());
  RETURN_IF_ERROR(session.Public().Call(*method, *request, record.get()));
  RETURN_IF_ERROR(PrintRecord(session.output(), noun, *record));
  return ExitCode::kDone;
}

}  // namespace

void AddUndeleteCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<UndeleteOptions>(
      parent, chosen, "undelete", "Take the deletion of a " + noun.word + " back",
      [&noun](CLI::App* app, UndeleteOptions* options) {
        app->add_option("NAME", options->name, noun.NamePattern() + ", or the id alone")
            ->required();
        AddParentFlag(app, noun, &options->parent);
        app->add_option("--etag", options->etag, "Only when the record still has this etag");
      },
      [&noun](Session& session, const UndeleteOptions& options) {
        return RunUndelete(session, noun, options);
      });
}

}  // namespace tandem::cli
