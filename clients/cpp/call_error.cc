// SPDX-License-Identifier: Apache-2.0

#include "cpp/call_error.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tandem::client {
namespace {

constexpr char kTypePrefix[] = "type.googleapis.com/";

template <typename Detail>
std::string TypeUrl() {
  return absl::StrCat(kTypePrefix, Detail::descriptor()->full_name());
}

template <typename Detail>
std::optional<Detail> GetDetail(const absl::Status& status) {
  auto payload = status.GetPayload(TypeUrl<Detail>());
  Detail detail;
  if (!payload || !detail.ParseFromString(std::string(*payload))) return std::nullopt;
  return detail;
}

template <typename Detail>
void SetDetail(absl::Status* status, const Detail& detail) {
  status->SetPayload(TypeUrl<Detail>(), absl::Cord(detail.SerializeAsString()));
}

}  // namespace

absl::Status FromGrpcStatus(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status out(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const auto& any : details.details())
      out.SetPayload(any.type_url(), absl::Cord(any.value()));
  }
  return out;
}

CallError DescribeError(const absl::Status& status) {
  CallError error;
  error.code = status.code();
  error.message = std::string(status.message());
  if (auto info = GetDetail<google::rpc::ErrorInfo>(status)) {
    error.reason = info->reason();
    for (const auto& [key, value] : info->metadata()) error.metadata[key] = value;
  }
  if (auto request = GetDetail<google::rpc::BadRequest>(status)) {
    for (const auto& violation : request->field_violations()) {
      error.violations.push_back({violation.field(), violation.description()});
    }
  }
  if (auto failure = GetDetail<google::rpc::PreconditionFailure>(status)) {
    for (const auto& violation : failure->violations()) {
      error.subjects.push_back(violation.subject());
    }
  }
  if (auto resource = GetDetail<google::rpc::ResourceInfo>(status)) {
    error.resource = resource->resource_name();
  }
  if (auto retry = GetDetail<google::rpc::RetryInfo>(status)) {
    error.retry_after = absl::Seconds(retry->retry_delay().seconds()) +
                        absl::Nanoseconds(retry->retry_delay().nanos());
  }
  return error;
}

absl::Status MakeClientError(absl::StatusCode code, std::string_view reason,
                             std::string_view message) {
  absl::Status status(code, std::string(message));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("tandem.client");
  SetDetail(&status, info);
  return status;
}

absl::Status WithViolation(absl::Status status, std::string_view field,
                           std::string_view description) {
  auto request = GetDetail<google::rpc::BadRequest>(status).value_or(google::rpc::BadRequest());
  auto* violation = request.add_field_violations();
  violation->set_field(std::string(field));
  violation->set_description(std::string(description));
  SetDetail(&status, request);
  return status;
}

}  // namespace tandem::client
