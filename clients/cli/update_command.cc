// SPDX-License-Identifier: Apache-2.0

#include "absl/strings/str_split.h"
#include "google/protobuf/field_mask.pb.h"

#include "cli/each_record.h"
#include "cli/field_value.h"
#include "cli/parent_flag.h"
#include "cli/record_commands.h"
#include "cli/record_file.h"
#include "cli/request_fields.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

struct UpdateOptions {
  std::string file;
  std::string name;
  std::string parent;
  std::string mask;
  std::string request_id;
  bool allow_missing = false;
  bool dry_run = false;
};

// The mask with the proto names of its first parts: people may write displayName or display_name.
google::protobuf::FieldMask ParseMask(const std::string& text,
                                      const google::protobuf::Descriptor* record) {
  google::protobuf::FieldMask mask;
  const std::vector<std::string> paths = absl::StrSplit(text, ',', absl::SkipWhitespace());
  for (std::string path : paths) {
    const size_t dot = path.find('.');
    const auto* field = FindField(record, path.substr(0, dot));
    if (field != nullptr) {
      path = field->name() + (dot == std::string::npos ? "" : path.substr(dot));
    }
    mask.add_paths(path);
  }
  return mask;
}

absl::StatusOr<ExitCode> RunUpdate(Session& session, const Noun& noun,
                                   const UpdateOptions& options) {
  const auto* method = noun.Method("Update");
  ASSIGN_OR_RETURN(Records records, ReadRecordFile(options.file, *NewMessage(noun.Record())));
  if (records.size() > 1 && !(options.name.empty() && options.request_id.empty())) {
    return UsageError("NAME and --request-id go with one record; the file holds several");
  }
  return CallForEach(
      session, noun, *method, records.size(),
      [&](size_t i, google::protobuf::Message* request) -> absl::Status {
        const auto* type = request->GetDescriptor();
        const auto* reflection = request->GetReflection();
        auto* record = reflection->MutableMessage(request, RecordField(type, noun.Record()));
        record->CopyFrom(*records[i]);
        if (!options.name.empty()) {
          ASSIGN_OR_RETURN(std::string name, RecordName(noun, options.name, options.parent));
          SetText(record, "name", name);
        }
        if (client::TextField(*record, "name").empty()) {
          return UsageError("the record has no name; give it as NAME");
        }
        if (!options.mask.empty()) {
          reflection->MutableMessage(request, type->FindFieldByName("update_mask"))
              ->CopyFrom(ParseMask(options.mask, noun.Record()));
        }
        SetText(request, "request_id", options.request_id);
        SetBool(request, "allow_missing", options.allow_missing);
        SetBool(request, "validate_only", options.dry_run);
        return absl::OkStatus();
      });
}

}  // namespace

void AddUpdateCommand(CLI::App* parent, Action* chosen, const Noun& noun) {
  AddCommand<UpdateOptions>(
      parent, chosen, "update", "Change " + noun.plural + " from a file",
      [&noun](CLI::App* app, UpdateOptions* options) {
        app->add_option("NAME", options->name,
                        noun.NamePattern() + ", when the file does not say it");
        AddParentFlag(app, noun, &options->parent);
        app->add_option("-f,--file", options->file, "YAML or JSON; - reads standard input")
            ->required();
        app->add_option(
            "--mask", options->mask,
            "Fields to change, comma-separated; * replaces the record. Without it: every "
            "field the file sets");
        app->add_option("--request-id", options->request_id,
                        "UUID that makes a repetition harmless");
        app->add_flag("--allow-missing", options->allow_missing,
                      "Create the record when there is none");
        app->add_flag("--dry-run", options->dry_run, "Check everything, write nothing");
      },
      [&noun](Session& session, const UpdateOptions& options) {
        return RunUpdate(session, noun, options);
      });
}

}  // namespace tandem::cli
