// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "cli/each_record.h"
#include "cli/record_commands.h"
#include "cli/request_fields.h"

namespace tandem::cli {
namespace {

struct GetOptions {
  std::vector<std::string> names;
};

absl::StatusOr<ExitCode> RunGet(Session& session, const Noun& noun, const GetOptions& options) {
  return CallForEach(session, noun, *noun.Method("Get"), options.names.size(),
                     [&](size_t i, google::protobuf::Message* request) {
                       SetText(request, "name", noun.FullName(options.names[i]));
                       return absl::OkStatus();
                     });
}

}  // namespace

void AddGetCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<GetOptions>(
      parent, chosen, "get", "Print one or more " + noun.plural + " by name",
      [&noun](CLI::App* app, GetOptions* options) {
        app->add_option("NAME", options->names, noun.Collection() + "/{id}, or the id alone")
            ->required();
      },
      [&noun](Session& session, const GetOptions& options) {
        return RunGet(session, noun, options);
      });
}

}  // namespace tandem::cli
