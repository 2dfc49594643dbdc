// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "cli/each_record.h"
#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/request_fields.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct DeleteOptions {
  std::vector<std::string> names;
  std::string parent;
  std::string etag;
  bool allow_missing = false;
  bool force = false;
};

absl::StatusOr<ExitCode> RunDelete(Session& session, const Noun& noun,
                                   const DeleteOptions& options) {
  if (options.names.size() > 1 && !options.etag.empty()) {
    return UsageError("--etag goes with one name");
  }
  return CallForEach(session, noun, *noun.Method("Delete"), options.names.size(),
                     [&](size_t i, google::protobuf::Message* request) -> absl::Status {
                       ASSIGN_OR_RETURN(std::string name,
                                        RecordName(noun, options.names[i], options.parent));
                       SetText(request, "name", name);
                       SetText(request, "etag", options.etag);
                       SetBool(request, "allow_missing", options.allow_missing);
                       SetBool(request, "force", options.force);
                       return absl::OkStatus();
                     });
}

}  // namespace

void AddDeleteCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<DeleteOptions>(
      parent, chosen, "delete", "Delete " + noun.plural + "; `undelete` takes it back for 30 days",
      [&noun](CLI::App* app, DeleteOptions* options) {
        app->add_option("NAME", options->names, noun.NamePattern() + ", or the id alone")
            ->required();
        AddParentFlag(app, noun, &options->parent);
        app->add_option("--etag", options->etag, "Only when the record still has this etag");
        app->add_flag("--allow-missing", options->allow_missing, "No error when there is none");
        app->add_flag("--force", options->force, "Delete owned children too");
      },
      [&noun](Session& session, const DeleteOptions& options) {
        return RunDelete(session, noun, options);
      });
}

}  // namespace tandem::cli
