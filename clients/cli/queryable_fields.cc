// SPDX-License-Identifier: Apache-2.0

#include "cli/queryable_fields.h"

#include "absl/strings/str_split.h"

#include "cli/parent_flag.h"
#include "cli/request_fields.h"
#include "cpp/call_error.h"

namespace tandem::cli {
namespace {

// No record has a field of this name.
constexpr char kNoField[] = "no_such_field";

// The names in the metadata "allowed" of the error that `request` must earn.
std::set<std::string> AllowedNames(const client::Client& client,
                                   const google::protobuf::MethodDescriptor& method,
                                   const google::protobuf::Message& request) {
  auto answer = NewMessage(method.output_type());
  const absl::Status status = client.Call(method, request, answer.get());
  if (status.ok()) return {};
  const client::CallError error = client::DescribeError(status);
  const auto allowed = error.metadata.find("allowed");
  if (allowed == error.metadata.end()) return {};
  return absl::StrSplit(allowed->second, ", ", absl::SkipEmpty());
}

}  // namespace

std::optional<QueryableFields> FetchQueryableFields(Session& session, const Noun& noun) {
  const auto* method = noun.Method("List");
  const client::Client client = session.Hasty();
  QueryableFields fields;
  auto request = NewMessage(method->input_type());
  SetText(request.get(), "parent", EveryParent(noun));
  SetText(request.get(), "filter", std::string(kNoField) + " = 1");
  fields.filterable = AllowedNames(client, *method, *request);
  if (fields.filterable.empty()) return std::nullopt;
  request->Clear();
  SetText(request.get(), "parent", EveryParent(noun));
  SetText(request.get(), "order_by", kNoField);
  fields.orderable = AllowedNames(client, *method, *request);
  return fields;
}

}  // namespace tandem::cli
