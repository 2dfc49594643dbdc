// SPDX-License-Identifier: Apache-2.0

#include "cli/planned_changes.h"

#include "cpp/call_error.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Puts every field that `from` sets in the place of `to`'s.
void OverwriteFields(const Message& from, Message* to) {
  std::vector<const FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const FieldDescriptor* field : fields) to->GetReflection()->ClearField(to, field);
  to->MergeFrom(from);
}

}  // namespace

absl::StatusOr<RecordChange> PlannedChanges::Make(const SourcedRecord& record) {
  absl::StatusOr<RecordChange> change =
      ChangeRecord(client_, *record.noun, *record.record, options_);
  if (!options_.dry_run) return change;
  if (!change.ok()) {
    const client::CallError error = client::DescribeError(change.status());
    const auto target = error.metadata.find("target");
    if (error.reason != "REFERENCE_MISSING" || target == error.metadata.end() ||
        would_exist_.count(target->second) == 0) {
      return change;
    }
    RecordChange unchecked;
    ASSIGN_OR_RETURN(unchecked.before, FetchRecord(client_, *record.noun, record.name));
    unchecked.after.reset(record.record->New());
    if (unchecked.before && !options_.replace) unchecked.after->CopyFrom(*unchecked.before);
    // What the server would store, but for its own fields: a text's lists replace, they don't add.
    OverwriteFields(*record.record, unchecked.after.get());
    unchecked.changed = true;
    change = std::move(unchecked);
  }
  if (!change->before) would_exist_.insert(record.name);
  return change;
}

}  // namespace tandem::cli
