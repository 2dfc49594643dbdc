// SPDX-License-Identifier: Apache-2.0

#include "cli/explain_command.h"

#include "cli/explain_page.h"
#include "cli/explain_subject.h"
#include "cli/json_writer.h"
#include "cli/queryable_fields.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct ExplainOptions {
  std::string subject;
  bool recursive = false;
  bool offline = false;
};

absl::StatusOr<ExitCode> RunExplain(Session& session, const ExplainOptions& options) {
  ASSIGN_OR_RETURN(ExplainSubject subject, FindSubject(options.subject));
  if (subject.noun != nullptr && !options.offline) {
    // What can be filtered is the server's to say; without one the page is shorter, not wrong.
    subject.queryable = FetchQueryableFields(session, *subject.noun);
  }
  const Output output = session.output();
  const bool no_server = subject.noun != nullptr && !options.offline && !subject.queryable;
  if (output.format == OutputFormat::kJson) {
    output.out << JsonText(ExplainDocument(subject)) << '\n';
  } else if (output.format == OutputFormat::kYaml) {
    output.out << YamlText(ExplainDocument(subject));
  } else if (options.recursive) {
    PrintFieldTree(subject, output.out);
  } else {
    PrintExplainPage(subject, session.width(), output.colour, output.out);
  }
  if (no_server && !session.quiet()) {
    session.err() << "which fields can be filtered and ordered: no server at "
                  << session.options().server << " to ask; --offline says nothing of this\n";
  }
  return ExitCode::kDone;
}

}  // namespace

void AddExplainCommand(CLI::App* root, Action* chosen) {
  AddCommand<ExplainOptions>(
      root, chosen, "explain", "Tell what the fields of a record mean and accept",
      [](CLI::App* app, ExplainOptions* options) {
        app->add_option("SUBJECT", options->subject,
                        "NOUN, NOUN.field.path, a type of the API, or SERVICE/METHOD")
            ->required();
        app->add_flag("--recursive", options->recursive, "All fields below, one a line");
        app->add_flag("--offline", options->offline,
                      "Don't ask the server which fields can be filtered and ordered");
      },
      RunExplain);
}

}  // namespace tandem::cli
