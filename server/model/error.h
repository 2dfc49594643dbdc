// SPDX-License-Identifier: Apache-2.0

// How every layer makes an error: an absl::Status whose payload is a google.rpc.Status detail set,
// so that the service layer can hand it to a client unchanged. Does not know gRPC.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"
#include "model/error_reason.h"

namespace tandem::model {

// The domain of every ErrorInfo of this server.
inline constexpr std::string_view kErrorDomain = "tandem.v1";

// Longest message of an error, in bytes; longer ones are cut at a character's border.
inline constexpr size_t kMaxErrorMessageBytes = 512;
// Longest value of a metadata key, in bytes: room for the list of a resource's fields.
inline constexpr size_t kMaxErrorMetadataBytes = 1536;
// Most field violations or precondition failures an error carries, fewer when they are long (its
// details fit in 4 KiB); the rest is counted in a last one, which has a description only.
inline constexpr size_t kMaxViolations = 20;

// Metadata of an error: lowerCamel key and value.
using ErrorMetadata = std::initializer_list<std::pair<std::string_view, std::string_view>>;

// Makes an error. The message names the thing, the place and the remedy; what varies in it is
// repeated in `metadata`.
absl::Status MakeError(Reason reason, std::string_view message, ErrorMetadata metadata = {});

// The error's reason; nullopt for OK and for statuses made elsewhere.
std::optional<Reason> ErrorReason(const absl::Status& status);
// The value of a metadata key; empty when absent.
std::string ErrorMetadataValue(const absl::Status& status, std::string_view key);

// One wrong field: its path in the request and what is wrong with it.
struct FieldViolation {
  std::string field;
  std::string description;
};

// FIELD_INVALID with the violations (google.rpc.BadRequest), of which there is at least one.
absl::Status FieldsInvalid(const std::vector<FieldViolation>& violations);
// The field violations an error carries; empty when none.
std::vector<FieldViolation> FieldViolations(const absl::Status& status);

// RESOURCE_NOT_FOUND, RESOURCE_EXISTS and so on with google.rpc.ResourceInfo. `resource_type` is
// the collection, for example "agencies".
absl::Status ResourceError(Reason reason, std::string_view resource_type,
                           std::string_view resource_name, std::string_view message,
                           ErrorMetadata metadata = {});

// FAILED_PRECONDITION with one google.rpc.PreconditionFailure violation a subject (at most
// kMaxViolations, then the number left out). `type` is the failure's kind, for example "REFERRER".
absl::Status PreconditionError(Reason reason, std::string_view message, std::string_view type,
                               const std::vector<std::string>& subjects,
                               ErrorMetadata metadata = {});

// The same error as one of a part of a request, "requests[3]": the paths of its fields begin with
// the place; an error without fields names it in its message and as metadata `place`. As it was for
// OK and for an empty place.
absl::Status AtPlace(const absl::Status& status, std::string_view place);

// Adds google.rpc.RetryInfo: the same call may succeed after `delay`.
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// The google.rpc.Status that belongs to `status`, serialised for the trailing metadata
// `grpc-status-details-bin`; at most 4 KiB. Empty for OK.
std::string SerializedRpcStatus(const absl::Status& status);

}  // namespace tandem::model
