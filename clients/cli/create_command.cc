// SPDX-License-Identifier: Apache-2.0

#include "cli/cell_text.h"
#include "cli/each_record.h"
#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/record_file.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct CreateOptions {
  std::string file;
  std::string parent;
  std::string id;
  std::string request_id;
  bool dry_run = false;
};

// The id of a create request is its second field: agency_id, region_id and so on.
constexpr int kIdField = 2;

absl::StatusOr<ExitCode> RunCreate(Session& session, const Noun& noun,
                                   const CreateOptions& options) {
  const auto* method = noun.Method("Create");
  ASSIGN_OR_RETURN(Records records, ReadRecordFile(options.file, *NewMessage(noun.Record())));
  if (records.size() > 1 && !(options.id.empty() && options.request_id.empty())) {
    return UsageError("--id and --request-id go with one record; the file holds several");
  }
  return CallForEach(
      session, noun, *method, records.size(), [&](size_t i, google::protobuf::Message* request) {
        const auto* type = request->GetDescriptor();
        const std::string written =
            options.id.empty() ? client::TextField(*records[i], "name") : options.id;
        SetText(request, type->FindFieldByNumber(kIdField)->name(), LastPart(written));
        if (!noun.parent_word.empty()) {
          SetText(request, "parent",
                  options.parent.empty() ? ParentOfName(client::TextField(*records[i], "name"))
                                         : ParentName(noun, options.parent));
        }
        SetText(request, "request_id", options.request_id);
        SetBool(request, "validate_only", options.dry_run);
        request->GetReflection()
            ->MutableMessage(request, RecordField(type, noun.Record()))
            ->CopyFrom(*records[i]);
        return absl::OkStatus();
      });
}

}  // namespace

void AddCreateCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<CreateOptions>(
      parent, chosen, "create", "Create " + noun.plural + " from a file",
      [&noun](CLI::App* app, CreateOptions* options) {
        AddParentFlag(app, noun, &options->parent);
        app->add_option("-f,--file", options->file,
                        "YAML or JSON, one or several; - reads standard input")
            ->required();
        app->add_option("--id", options->id, "The new id, instead of the record's name");
        app->add_option("--request-id", options->request_id,
                        "UUID that makes a repetition harmless");
        app->add_flag("--dry-run", options->dry_run, "Check everything, write nothing");
      },
      [&noun](Session& session, const CreateOptions& options) {
        return RunCreate(session, noun, options);
      });
}

}  // namespace tandem::cli
