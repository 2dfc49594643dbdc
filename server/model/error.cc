// SPDX-License-Identifier: Apache-2.0

#include "model/error.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/duration.pb.h"
#include "google/rpc/status.pb.h"
#include "model/absl_strings.h"
#include "model/excerpt.h"

namespace tandem::model {
namespace {

constexpr std::string_view kTypePrefix = "type.googleapis.com/";
constexpr size_t kMaxRpcStatusBytes = 4096;
// Most bytes of a list of violations: beside it the message, the ErrorInfo, a RetryInfo and the
// type names have room in kMaxRpcStatusBytes.
constexpr size_t kMaxViolationListBytes = 2816;
// Longest path, subject or description of a violation.
constexpr size_t kMaxViolationTextBytes = 200;

struct ReasonRow {
  std::string_view name;
  absl::StatusCode code;
  std::string_view text;
};

constexpr ReasonRow kReasonRows[] = {
#define TANDEM_REASON_ROW(id, name, code, text) {name, absl::StatusCode::code, text},
    TANDEM_ERROR_REASONS(TANDEM_REASON_ROW)
#undef TANDEM_REASON_ROW
};

std::string CutAtCharacter(std::string_view text, size_t limit) {
  return std::string(Excerpt(text, limit));
}

template <typename Message>
void SetDetail(absl::Status* status, const Message& message) {
  status->SetPayload(StrCat(kTypePrefix, Message::descriptor()->full_name()),
                     absl::Cord(message.SerializeAsString()));
}

// Moves as many violations as fit into `list`, in their order; the rest is counted in a last one.
template <typename Violation>
void AddThoseThatFit(std::vector<Violation> violations, size_t n_all,
                     google::protobuf::RepeatedPtrField<Violation>* list) {
  // Of one more: its text, two tags and two lengths.
  constexpr size_t kRoomForTheRest = 64;
  size_t bytes = kRoomForTheRest;
  for (Violation& violation : violations) {
    bytes += violation.ByteSizeLong() + 3;
    if (bytes > kMaxViolationListBytes) break;
    *list->Add() = std::move(violation);
  }
  const size_t n_left = n_all - static_cast<size_t>(list->size());
  if (n_left > 0) list->Add()->set_description(absl::StrCat("and ", n_left, " more"));
}

template <typename Message>
std::optional<Message> GetDetail(const absl::Status& status) {
  const auto payload = status.GetPayload(StrCat(kTypePrefix, Message::descriptor()->full_name()));
  Message message;
  if (!payload || !message.ParseFromString(std::string(*payload))) return std::nullopt;
  return message;
}

}  // namespace

std::string_view ReasonName(Reason reason) { return kReasonRows[static_cast<size_t>(reason)].name; }
absl::StatusCode ReasonCode(Reason reason) { return kReasonRows[static_cast<size_t>(reason)].code; }
std::string_view ReasonText(Reason reason) { return kReasonRows[static_cast<size_t>(reason)].text; }

absl::Status MakeError(Reason reason, std::string_view message, ErrorMetadata metadata) {
  absl::Status status(ReasonCode(reason), CutAtCharacter(message, kMaxErrorMessageBytes));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ReasonName(reason)));
  info.set_domain(std::string(kErrorDomain));
  for (const auto& [key, value] : metadata) {
    (*info.mutable_metadata())[std::string(key)] = CutAtCharacter(value, kMaxErrorMetadataBytes);
  }
  SetDetail(&status, info);
  return status;
}

std::optional<Reason> ErrorReason(const absl::Status& status) {
  std::optional<google::rpc::ErrorInfo> info = GetDetail<google::rpc::ErrorInfo>(status);
  if (!info) return std::nullopt;
  for (size_t i = 0; i < std::size(kReasonRows); ++i) {
    if (kReasonRows[i].name == info->reason()) return static_cast<Reason>(i);
  }
  return std::nullopt;
}

std::string ErrorMetadataValue(const absl::Status& status, std::string_view key) {
  std::optional<google::rpc::ErrorInfo> info = GetDetail<google::rpc::ErrorInfo>(status);
  if (!info) return "";
  auto it = info->metadata().find(std::string(key));
  return it == info->metadata().end() ? "" : it->second;
}

absl::Status FieldsInvalid(const std::vector<FieldViolation>& violations) {
  const FieldViolation& first = violations.front();
  std::string message =
      first.field.empty() ? first.description : absl::StrCat(first.field, ": ", first.description);
  if (violations.size() > 1) {
    absl::StrAppend(&message, " (and ", violations.size() - 1, " more)");
  }
  absl::Status status = MakeError(Reason::kFieldInvalid, message,
                                  {{"field", CutAtCharacter(first.field, kMaxViolationTextBytes)}});
  std::vector<google::rpc::BadRequest::FieldViolation> listed(
      std::min(violations.size(), kMaxViolations));
  for (size_t i = 0; i < listed.size(); ++i) {
    listed[i].set_field(CutAtCharacter(violations[i].field, kMaxViolationTextBytes));
    listed[i].set_description(CutAtCharacter(violations[i].description, kMaxViolationTextBytes));
  }
  google::rpc::BadRequest bad_request;
  AddThoseThatFit(std::move(listed), violations.size(), bad_request.mutable_field_violations());
  SetDetail(&status, bad_request);
  return status;
}

std::vector<FieldViolation> FieldViolations(const absl::Status& status) {
  std::vector<FieldViolation> violations;
  if (auto bad_request = GetDetail<google::rpc::BadRequest>(status)) {
    for (const auto& violation : bad_request->field_violations()) {
      violations.push_back({violation.field(), violation.description()});
    }
  }
  return violations;
}

absl::Status ResourceError(Reason reason, std::string_view resource_type,
                           std::string_view resource_name, std::string_view message,
                           ErrorMetadata metadata) {
  absl::Status status = MakeError(reason, message, metadata);
  google::rpc::ResourceInfo info;
  info.set_resource_type(std::string(resource_type));
  info.set_resource_name(CutAtCharacter(resource_name, 200));
  info.set_description(std::string(ReasonText(reason)));
  SetDetail(&status, info);
  return status;
}

absl::Status PreconditionError(Reason reason, std::string_view message, std::string_view type,
                               const std::vector<std::string>& subjects, ErrorMetadata metadata) {
  absl::Status status = MakeError(reason, message, metadata);
  std::vector<google::rpc::PreconditionFailure::Violation> listed(
      std::min(subjects.size(), kMaxViolations));
  for (size_t i = 0; i < listed.size(); ++i) {
    listed[i].set_type(std::string(type));
    listed[i].set_subject(CutAtCharacter(subjects[i], kMaxViolationTextBytes));
  }
  google::rpc::PreconditionFailure failure;
  AddThoseThatFit(std::move(listed), subjects.size(), failure.mutable_violations());
  SetDetail(&status, failure);
  return status;
}

absl::Status AtPlace(const absl::Status& status, std::string_view place) {
  if (status.ok() || place.empty()) return status;
  std::vector<FieldViolation> violations = FieldViolations(status);
  if (!violations.empty()) {
    for (FieldViolation& violation : violations) {
      // The last one may only count those that did not fit.
      if (!violation.field.empty()) violation.field = StrCat(place, ".", violation.field);
    }
    return FieldsInvalid(violations);
  }
  absl::Status placed(status.code(), CutAtCharacter(StrCat(place, ": ", ToStd(status.message())),
                                                    kMaxErrorMessageBytes));
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    placed.SetPayload(type_url, payload);
  });
  if (auto info = GetDetail<google::rpc::ErrorInfo>(status)) {
    (*info->mutable_metadata())["place"] = std::string(place);
    SetDetail(&placed, *info);
  }
  return placed;
}

absl::Status WithRetryAfter(absl::Status status, absl::Duration delay) {
  google::rpc::RetryInfo info;
  int64_t nanos = absl::ToInt64Nanoseconds(delay);
  info.mutable_retry_delay()->set_seconds(nanos / 1'000'000'000);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
  SetDetail(&status, info);
  return status;
}

std::string SerializedRpcStatus(const absl::Status& status) {
  if (status.ok()) return "";
  google::rpc::Status out;
  out.set_code(static_cast<int>(status.code()));
  out.set_message(CutAtCharacter(ToStd(status.message()), kMaxErrorMessageBytes));
  // ErrorInfo first: when the whole would be too large, the details after it are left out.
  std::vector<std::pair<std::string, std::string>> details;
  status.ForEachPayload([&](absl::string_view type_url, const absl::Cord& payload) {
    details.emplace_back(std::string(type_url), std::string(payload));
  });
  std::sort(details.begin(), details.end(), [](const auto& a, const auto& b) {
    auto rank = [](const std::string& url) {
      return url.find("ErrorInfo") == std::string::npos ? 1 : 0;
    };
    return std::make_pair(rank(a.first), a.first) < std::make_pair(rank(b.first), b.first);
  });
  size_t size = out.ByteSizeLong();
  for (auto& [type_url, payload] : details) {
    size += type_url.size() + payload.size() + 16;
    if (size > kMaxRpcStatusBytes) continue;
    google::protobuf::Any* any = out.add_details();
    any->set_type_url(type_url);
    any->set_value(std::move(payload));
  }
  return out.SerializeAsString();
}

}  // namespace tandem::model
