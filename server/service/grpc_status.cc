// SPDX-License-Identifier: Apache-2.0

#include "service/grpc_status.h"

#include <string>

#include "model/absl_strings.h"
#include "model/error.h"
#include "model/resource_name.h"

namespace tandem::service {
namespace {

grpc::Status Convert(const absl::Status& status) {
  // Both enumerations are google.rpc.Code.
  return grpc::Status(static_cast<grpc::StatusCode>(static_cast<int>(status.code())),
                      std::string(status.message()), model::SerializedRpcStatus(status));
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status, std::string_view method,
                          const IncidentSink& sink) {
  if (status.ok()) return grpc::Status::OK;
  std::optional<model::Reason> reason = model::ErrorReason(status);
  // Errors without a reason were not made for clients; a fault of ours carries nothing but its id.
  if (reason && *reason != model::Reason::kInternal) return Convert(status);
  std::string incident = model::MakeRandomId();
  if (sink) sink(incident, method, status.ToString());
  return Convert(model::MakeError(
      model::Reason::kInternal,
      StrCat("a fault of this server; its log has the details under incident ", incident),
      {{"incident", incident}}));
}

}  // namespace tandem::service
