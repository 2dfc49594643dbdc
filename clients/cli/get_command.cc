// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "cli/each_record.h"
#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/request_fields.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct GetOptions {
  std::vector<std::string> names;
  std::string parent;
  std::string as_of;
};

absl::StatusOr<ExitCode> RunGet(Session& session, const Noun& noun, const GetOptions& options) {
  return CallForEach(session, noun, *noun.Method("Get"), options.names.size(),
                     [&](size_t i, google::protobuf::Message* request) -> absl::Status {
                       ASSIGN_OR_RETURN(std::string name,
                                        RecordName(noun, options.names[i], options.parent));
                       SetText(request, "name", name);
                       if (!options.as_of.empty()) SetText(request, "as_of_date", options.as_of);
                       return absl::OkStatus();
                     });
}

}  // namespace

void AddGetCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<GetOptions>(
      parent, chosen, "get", "Print one or more " + noun.plural + " by name",
      [&noun](CLI::App* app, GetOptions* options) {
        app->add_option("NAME", options->names, noun.NamePattern() + ", or the id alone")
            ->required();
        AddParentFlag(app, noun, &options->parent);
        if (HasField(noun.Method("Get")->input_type(), "as_of_date")) {
          app->add_option("--as-of", options->as_of,
                          "Only if it was valid on this day, YYYY-MM-DD");
        }
      },
      [&noun](Session& session, const GetOptions& options) {
        return RunGet(session, noun, options);
      });
}

}  // namespace tandem::cli
