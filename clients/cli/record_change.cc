// SPDX-License-Identifier: Apache-2.0

#include "cli/record_change.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/field_mask.pb.h"
#include "google/protobuf/util/message_differencer.h"

#include "cli/cell_text.h"
#include "cli/request_fields.h"
#include "cpp/call_error.h"
#include "cpp/pager.h"
#include "cpp/status_macros.h"

namespace tandem::cli {
namespace {

using google::protobuf::Message;

// The id of a create request is its second field: agency_id, region_id and so on.
constexpr int kIdField = 2;

}  // namespace

absl::StatusOr<std::unique_ptr<Message>> FetchRecord(const client::Client& client, const Noun& noun,
                                                     const std::string& name) {
  const auto* method = noun.Method("Get");
  auto request = NewMessage(method->input_type());
  auto record = NewMessage(method->output_type());
  SetText(request.get(), "name", name);
  const absl::Status status = client.Call(*method, *request, record.get());
  if (status.code() == absl::StatusCode::kNotFound) return nullptr;
  RETURN_IF_ERROR(status);
  // The name of a merged record leads to the survivor, which is not what was meant.
  const std::string answered = client::TextField(*record, "name");
  if (answered != name) {
    return client::MakeClientError(
        absl::StatusCode::kFailedPrecondition, "RECORD_MERGED",
        absl::StrCat(name, " was merged into ", answered, ": change that one"));
  }
  return record;
}

void FillCreateRequest(const Noun& noun, const Message& record, Message* request) {
  const auto* type = request->GetDescriptor();
  const std::string name = client::TextField(record, "name");
  client::SetTextField(request, "parent", ParentOfName(name));
  SetText(request, type->FindFieldByNumber(kIdField)->name(), LastPart(name));
  request->GetReflection()
      ->MutableMessage(request, RecordField(type, noun.Record()))
      ->CopyFrom(record);
}

absl::StatusOr<RecordChange> ChangeRecord(const client::Client& client, const Noun& noun,
                                          const Message& record, const ChangeOptions& options) {
  if (noun.Method("Create") == nullptr) {
    return client::MakeClientError(absl::StatusCode::kInvalidArgument, "READ_ONLY",
                                   noun.Collection() + " are written by the server alone");
  }
  RecordChange change;
  ASSIGN_OR_RETURN(change.before, FetchRecord(client, noun, client::TextField(record, "name")));
  const auto* method = noun.Method(change.before ? "Update" : "Create");
  auto request = NewMessage(method->input_type());
  change.after = NewMessage(method->output_type());
  SetBool(request.get(), "validate_only", options.dry_run);
  if (!change.before) {
    FillCreateRequest(noun, record, request.get());
  } else {
    const auto* type = request->GetDescriptor();
    const auto* reflection = request->GetReflection();
    reflection->MutableMessage(request.get(), RecordField(type, noun.Record()))->CopyFrom(record);
    if (options.replace) {
      google::protobuf::FieldMask all;
      all.add_paths(std::string("*"));
      reflection->MutableMessage(request.get(), type->FindFieldByName("update_mask"))
          ->CopyFrom(all);
    }
  }
  RETURN_IF_ERROR(client.Call(*method, *request, change.after.get()));
  change.changed = !change.before || !SameContent(*change.before, *change.after);
  return change;
}

bool SameContent(const Message& one, const Message& other) {
  google::protobuf::util::MessageDifferencer differencer;
  for (const char* field : {"etag", "update_time"}) {
    if (const auto* found = one.GetDescriptor()->FindFieldByName(field)) {
      differencer.IgnoreField(found);
    }
  }
  return differencer.Compare(one, other);
}

}  // namespace tandem::cli
