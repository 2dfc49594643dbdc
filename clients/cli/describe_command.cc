// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "cli/describe_page.h"
#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/record_printer.h"
#include "cli/related_records.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct DescribeOptions {
  std::vector<std::string> names;
  std::string parent;
  size_t related = 10;
};

absl::Status Describe(Session& session, const Noun& noun, const std::string& name, size_t related) {
  const auto* method = noun.Method("Get");
  auto request = NewMessage(method->input_type());
  auto record = NewMessage(method->output_type());
  SetText(request.get(), "name", name);
  RETURN_IF_ERROR(session.Public().Call(*method, *request, record.get()));
  const Output output = session.output();
  if (output.format != OutputFormat::kTable) return PrintRecord(output, noun, *record);
  DescribePage page;
  page.noun = &noun;
  page.record = record.get();
  page.titles = FetchTitles(session.Public(), *record);
  if (related > 0) {
    // The answer's name: an old one may have led to the survivor of a merge.
    ASSIGN_OR_RETURN(page.related, FetchRelated(session.Public(), noun,
                                                client::TextField(*record, "name"), related));
  }
  PrintDescribePage(page, {session.width(), output.colour, absl::LocalTimeZone()}, output.out);
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> RunDescribe(Session& session, const Noun& noun,
                                     const DescribeOptions& options) {
  for (size_t i = 0; i < options.names.size(); ++i) {
    const OutputFormat format = session.output().format;
    if (i > 0 && format == OutputFormat::kTable) session.output().out << '\n';
    if (i > 0 && format == OutputFormat::kYaml) session.output().out << "---\n";
    ASSIGN_OR_RETURN(const std::string name, RecordName(noun, options.names[i], options.parent));
    RETURN_IF_ERROR(Describe(session, noun, name, options.related));
  }
  return ExitCode::kDone;
}

}  // namespace

void AddDescribeCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<DescribeOptions>(
      parent, chosen, "describe",
      "Print everything about one or more " + noun.plural + ", with the records around them",
      [&noun](CLI::App* app, DescribeOptions* options) {
        app->add_option("NAME", options->names, noun.NamePattern() + ", or the id alone")
            ->required();
        AddParentFlag(app, noun, &options->parent);
        app->add_option("--related", options->related,
                        "Most related records of each kind; 0 asks for none")
            ->check(CLI::Range(0, 1000))
            ->capture_default_str();
      },
      [&noun](Session& session, const DescribeOptions& options) {
        return RunDescribe(session, noun, options);
      });
}

}  // namespace tandem::cli
